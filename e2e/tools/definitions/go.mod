module seedling.dev/e2e/tools/definitions

go 1.26
