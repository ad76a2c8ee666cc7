#!/bin/sh
# review.sh FORMAT ROOT…: writes comment.md and reviewed.json. Ends with 0 if nothing needs a person, 2 if something does, 1 on an error.
set -eu
format=$1
shift
seedling review --format json --fail-on none --out reviewed.json "$@"
seedling review --format "$format" --out comment.md "$@"
