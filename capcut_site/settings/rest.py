"""Django REST framework and the OpenAPI description."""

from __future__ import annotations

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_RENDERER_CLASSES": ["drafts.api.json.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["drafts.api.json.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drafts.api.openapi.Schema",
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "drafts.api.json.Negotiation",
    "EXCEPTION_HANDLER": "drafts.api.problems.exception_handler",
    "DEFAULT_METADATA_CLASS": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "CapCut draft server",
    "VERSION": "1.0.0",
    "DESCRIPTION": "Drafts of JianYing / CapCut that are never lost: create, edit, save, download, restore.",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "SORT_OPERATIONS": False,
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "drafts.api.openapi.finish"],
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "StoredState": ["pending", "stored", "failed"],
        "DraftState": ["active", "trashed"],
        "AccessState": ["active", "expired", "revoked"],
        "AnimationKind": ["in", "out", "loop"],
        "CaptionKind": ["subtitle", "text"],
    },
}
