"""The mock cloud, for other people's tests: the embedded cloud's engine over plain dictionaries.

`iotile_cloud.utils.mock_cloud` is its face.  Files here are not for users.
"""
