"""Tests of the patches over the wire, with the AWS client for Python.

They use the server at `AWS_ENDPOINT_URL`. host/test-servers starts a server and runs them.
"""
