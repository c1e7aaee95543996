"""Django settings, one module per concern; ``base`` comes first because the others build on it."""

from .base import *  # noqa: F403
from .database import *  # noqa: F403
from .logs import *  # noqa: F403
from .queue import *  # noqa: F403
from .rest import *  # noqa: F403
from .security import *  # noqa: F403
from .storage import *  # noqa: F403
