"""Use another service that Django REST framework serves: list parts that run low, and order them.

    python generic_drf.py -u you@example.com --domain https://parts.example.com --order

What is its own, and not as in the IOTile Cloud, stands in one class: the prefix of its paths, where
one logs in and out, and what its tokens are called.
"""

from __future__ import annotations

from iotile_cloud import Api, BaseMain


class PartsApi(Api):
    """An inventory of parts: `Authorization: token ...`, `/rest/v2/`, another login."""

    domain = "https://parts.example.com"
    prefix = "rest/v2"
    token_type = "token"  # also the name of the field in the reply to the login
    login_path = "session/open"
    logout_path = "session/close"


class LowParts(BaseMain):
    """List the parts that run low, and order them."""

    domain = PartsApi.domain
    api_class = PartsApi

    def add_extra_args(self) -> None:
        self.parser.add_argument("--below", type=int, default=10, help="how few are too few")
        self.parser.add_argument("--order", action="store_true")

    def after_login(self) -> None:
        # GET /rest/v2/part/?stock__lt=10, page after page
        for part in self.api.part.each(stock__lt=self.args.below):
            print(f"{part['name']}: {part['stock']} left")
            if self.args.order:
                # POST /rest/v2/part/7/orders/
                order = self.api.part(part["id"]).orders.post({"count": self.args.below})
                print(f"  ordered as {order['id']}")


if __name__ == "__main__":
    LowParts().run()
