"""Django settings, one module per concern; ``base`` comes first because the others build on it."""

from .access import *  # noqa: F403 - settings are one namespace
from .base import *  # noqa: F403 - settings are one namespace
from .database import *  # noqa: F403 - settings are one namespace
from .logs import *  # noqa: F403 - settings are one namespace
from .media import *  # noqa: F403 - settings are one namespace
from .queue import *  # noqa: F403 - settings are one namespace
from .rates import *  # noqa: F403 - settings are one namespace
from .rest import *  # noqa: F403 - settings are one namespace
from .security import *  # noqa: F403 - settings are one namespace
from .storage import *  # noqa: F403 - settings are one namespace
from .tracing import *  # noqa: F403 - settings are one namespace
