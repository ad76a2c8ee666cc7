#!/bin/bash
# Makes the pictures of docs/guides/review.md again, from comments that the tests of `review/` compare: review/pictures/make.sh
# Needs cmark-gfm and chromium (Debian has both).
set -euo pipefail
cd "$(dirname "$0")"
plans=../tests/plans
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# picture NAME SNAPSHOT HEIGHT
picture() {
  {
    cat <<'HTML'
<!doctype html><meta charset="utf-8"><style>
body { margin: 0; padding: 16px; background: #fff; color: #1f2328; font: 14px/1.5 "Liberation Sans", sans-serif }
.box { border: 1px solid #d1d9e0; border-radius: 6px }
.head { background: #f6f8fa; border-bottom: 1px solid #d1d9e0; padding: 8px 16px; border-radius: 6px 6px 0 0; color: #59636e }
.text { padding: 4px 16px 8px } h3 { font-size: 18px; margin: 12px 0 8px } h4 { font-size: 14px; margin: 14px 0 6px }
ul { padding-left: 24px; margin: 4px 0 } code { background: #f0f1f3; border-radius: 4px; padding: 1px 5px; font-size: 12px }
p { margin: 6px 0 } summary { cursor: pointer; margin: 10px 0 4px }
</style><div class="box"><div class="head"><b>github-actions</b> commented</div><div class="text">
HTML
    tail -n +4 "$2" | cmark-gfm --unsafe -e table
    echo '</div></div>'
  } >"$work/$1.html"
  chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --window-size="820,$3" --user-data-dir="$work/profile" \
    --screenshot="$PWD/$1.png" "file://$work/$1.html" 2>"$work/log" || { cat "$work/log"; exit 1; }
}

picture review-release "$plans/compared.snap" 590
picture review-node-pools "$plans/by_hand/our_node_pools.snap" 620
ls -l ./*.png
