"""The resources of the cloud, one file each: fields, filters, roles, paging, actions.

A file's `RESOURCE` row follows the common rules of `crud`; its `ROUTES` are what goes beyond.
"""
