"""``.env.example`` and ``docker-compose.yml`` name exactly the variables that the code reads."""

from __future__ import annotations

import re

import pytest
import yaml
from django.conf import settings

from capcut_site import env

# What docker-compose.yml reads, and the code does not.
COMPOSE = {
    "POSTGRES_PASSWORD": "docker compose alone: password of its PostgreSQL; letters and digits",
    "BACKUPS": "docker compose alone: folder of this machine that `manage` has as /backups; default: a volume",
}


def expected_example() -> str:
    """What ``.env.example`` must say."""
    state = str(settings.STATE_DIR)
    lines = ["# Every variable with its default. Copy the lines that you change into a file named .env.", ""]
    for variable in env.VARIABLES.values():
        default = variable.default.replace(state, "var")
        lines += [f"# {variable.help}", f"#{variable.name}={default}", ""]
    for name, text in COMPOSE.items():
        lines += [f"# {text}", f"#{name}=", ""]
    return "\n".join(lines)


def test_env_example_lists_every_variable_with_its_default_and_help() -> None:
    assert (env.ROOT / ".env.example").read_text(encoding="utf-8") == expected_example()


def test_compose_sets_only_variables_that_the_code_reads() -> None:
    text = (env.ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    compose = yaml.safe_load(text)
    assert set(compose["x-service"]["environment"]) <= set(env.VARIABLES)
    assert set(re.findall(r"\$\{(\w+)", text)) <= set(env.VARIABLES) | set(COMPOSE)


@pytest.mark.parametrize("secret", ["SECRET_KEY", "POSTGRES_PASSWORD", "AWS_SECRET_ACCESS_KEY"])
def test_compose_holds_no_secret(secret: str) -> None:
    text = (env.ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    values = set(re.findall(rf"\$\{{{secret}(?!\w)([^}}]*)\}}", text))
    assert values
    assert all(value.startswith(":?") for value in values)


def test_an_unusable_value_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_NUMBER", "many")
    with pytest.raises(env.ImproperlyConfigured, match="SOME_NUMBER must be a whole number, not 'many'"):
        env.integer("SOME_NUMBER", 1, "")
    env.VARIABLES.pop("SOME_NUMBER")


if __name__ == "__main__":
    print(expected_example(), end="")
