from . import models, report, wizard
from .uninstall import pre_init_hook, uninstall_hook
