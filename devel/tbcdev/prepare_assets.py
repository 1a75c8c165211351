"""Make the bundles of styles and scripts once, for all copies of a template."""


def main(env):
    """Make every bundle that a page may ask for."""
    env["ir.qweb"]._pregenerate_assets_bundles()
