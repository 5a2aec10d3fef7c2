"""Returns a greeting to every request."""

import bottle


@bottle.route("/")
def greet():
    return "hello\n"


if __name__ == "__main__":
    bottle.run(host="0.0.0.0", port=3000)
