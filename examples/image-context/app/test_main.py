"""A test of the service, which .dockerignore leaves out of the image."""

import main


def test_greet():
    assert main.greet() == "hello\n"
