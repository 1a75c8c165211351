from . import models, wizard
from .uninstall import pre_init_hook, uninstall_hook
