"""The house rules that no bought linter knows: sizes, who may call what, which words belong where. ``python -m infra.checks``."""
