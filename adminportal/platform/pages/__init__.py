"""The pages of /admin, one module a section; importing a module registers its pages with the site."""

from adminportal.platform.pages import costs, customers, metrics, money, operate, platform, review

__all__ = ["costs", "customers", "metrics", "money", "operate", "platform", "review"]
