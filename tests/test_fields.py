"""How the capcut-mate surface reads values, and how it says what is wrong with them (contract 1.8)."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_django import Settings
from rest_framework import serializers

from drafts.api.bodies import validated
from drafts.api.capcut_mate.fields import (
    ArrayField,
    JsonArrayField,
    LaxBoolean,
    LaxFloat,
    LaxInteger,
    Number,
    StrictString,
    WholeNumber,
    broken,
)
from drafts.core.errors import DomainError, InvalidParameter, Text


class InvalidCaptions(DomainError):
    code = 2018
    label = Text("Invalid captions", "无效的字幕信息")


class Caption(serializers.Serializer[None]):
    start = WholeNumber(min_value=0)
    end = WholeNumber()
    text = StrictString(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["end"] <= attrs["start"]:
            raise broken("end", "after_start")
        return attrs


class Everything(serializers.Serializer[None]):
    whole = LaxInteger(required=False, allow_null=True)
    real = LaxFloat(required=False)
    yes = LaxBoolean(required=False)
    text = StrictString(required=False)
    number = Number(required=False)
    names = ArrayField(child=StrictString(), required=False)
    captions = JsonArrayField(child=Caption(), required=False)


def read(**body: Any) -> dict[str, Any]:
    return validated(Everything, body, refusals={"captions": InvalidCaptions})


@pytest.mark.parametrize(
    ("field", "sent", "got"),
    [
        ("whole", 5, 5),
        ("whole", 5.0, 5),
        ("whole", "5", 5),
        ("whole", "-5", -5),
        ("whole", True, 1),
        ("whole", None, None),
        ("real", "1.5", 1.5),
        ("real", 2, 2.0),
        ("yes", 0, False),
        ("yes", "ON", True),
        ("text", " kept as it is ", " kept as it is "),
        ("text", "", ""),
        ("number", 3, 3.0),
        ("names", ["a", "b"], ["a", "b"]),
        ("names", '["a", "b"]', ["a", "b"]),
        ("names", [], []),
        ("captions", '[{"start": 0.9, "end": 2.9, "more": 1}]', [{"start": 0, "end": 2}]),
        ("captions", [{"start": 0, "end": 2, "text": "一"}], [{"start": 0, "end": 2, "text": "一"}]),
    ],
)
def test_values_are_coerced(field: str, sent: object, got: object) -> None:
    value = read(**{field: sent})[field]
    assert value == got
    assert type(value) is type(got)


@pytest.mark.parametrize(
    ("field", "sent", "rule", "where", "sentence"),
    [
        ("whole", 5.5, "invalid", "whole", "whole must be a whole number"),
        ("whole", "5.5", "invalid", "whole", "whole must be a whole number"),
        ("whole", 2**53, "max_value", "whole", "whole must be less than or equal to 9007199254740991"),
        ("whole", "9" * 400, "max_value", "whole", "whole must be less than or equal to 9007199254740991"),
        ("real", "nan", "invalid", "real", "real must be a number"),
        ("real", "1e999", "invalid", "real", "real must be a number"),
        ("real", None, "null", "real", "real must not be null"),
        ("yes", 2, "invalid", "yes", "yes must be true or false"),
        ("text", 1, "invalid", "text", "text must be a string"),
        ("text", "\0", "null_characters_not_allowed", "text", "text must not contain NUL"),
        ("number", "3", "invalid", "number", "number must be a number"),
        ("names", {"0": "a"}, "not_a_list", "names", "names must be an array"),
        ("names", "{}", "not_a_list", "names", "names must be an array"),
        ("names", "a, b", "json", "names", "names is not valid JSON"),
        ("names", ["a", 1], "invalid", "names[1]", "names[1] must be a string"),
        ("names", ["a", None], "null", "names[1]", "names[1] must not be null"),
        ("names", ["a"] * 11, "max_items", "names", "names must have at most 10 items (MAX_LIST_ITEMS)"),
        ("captions", "", "json", "captions", "captions is not valid JSON"),
        ("captions", "[" * 100, "json", "captions", "captions is not valid JSON"),
        ("captions", "[1]", "invalid", "captions[0]", "captions[0] must be an object"),
        ("captions", '[{"start": 0}]', "required", "captions[0].end", "captions[0].end is required"),
        (
            "captions",
            '[{"start": "0", "end": 1}]',
            "invalid",
            "captions[0].start",
            "captions[0].start must be a whole number",
        ),
        (
            "captions",
            '[{"start": 0, "end": 9}, {"start": 5, "end": 5.9}]',
            "after_start",
            "captions[1].end",
            "captions[1].end must be greater than start",
        ),
    ],
)
def test_refusals_name_the_field_and_the_rule(
    settings: Settings, field: str, sent: object, rule: str, where: str, sentence: str
) -> None:
    settings.MAX_LIST_ITEMS = 10
    with pytest.raises(DomainError) as caught:
        read(**{field: sent})
    [error] = caught.value.errors
    assert (error.field, error.rule, error.text.en) == (where, rule, sentence)
    assert error.text.zh.startswith(where)
    assert error.text.zh != error.text.en
    assert type(caught.value) is (InvalidCaptions if field == "captions" else InvalidParameter)


def test_the_first_broken_field_decides_and_errors_are_counted_out() -> None:
    with pytest.raises(InvalidParameter) as caught:
        read(whole="x", captions=[1] * 100)
    assert caught.value.detail.en == "whole must be a whole number"
    assert len(caught.value.errors) == 20
