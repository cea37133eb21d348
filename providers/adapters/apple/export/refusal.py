"""Why a file cannot be imported as a whole."""

from providers.contract import AnomalousPayload


class RefusedExport(AnomalousPayload):
    """The file is not taken, and nothing of it is. `code` is a stable word, the text a sentence for people."""

    def __init__(self, code: str, said: str) -> None:
        super().__init__(said)
        self.code = code
