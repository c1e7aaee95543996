"""The resource API, ``/api/v1``, with the conventions of Django REST framework."""
