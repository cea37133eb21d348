"""Takes README's screenshots of a running demo: `make run`, then `make pictures` (PORT= as there).

They show the demo's people and simulated vendors only. Small on purpose: 64 colours, no more pixels than are shown.
"""

import os
import shutil
import sys
from io import BytesIO
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

FOLDER: Final = Path(__file__).resolve().parents[1] / "docs" / "images"
CONNECT, WEEK = "connect.png", "week.png"


def main() -> int:
    """Write the pictures into docs/images."""
    base = f"http://127.0.0.1:{os.environ.get('PORT') or 8000}"
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        take(browser, base, FOLDER)
        browser.close()
    print(f"Written: {FOLDER}/{CONNECT}, {FOLDER}/{WEEK}")
    return 0


def take(browser: Browser, base: str, folder: Path) -> None:
    """Take pictures of the connect page on a phone, and of a week of the first demo user."""
    phone = browser.new_page(viewport={"width": 390, "height": 760}, color_scheme="light")
    phone.goto(base)
    phone.get_by_role("button", name="Open the connect page").click()
    phone.get_by_role("heading", name="Connect your devices").wait_for()
    keep(phone, folder / CONNECT)
    desk = browser.new_page(viewport={"width": 900, "height": 600}, color_scheme="light")
    desk.goto(f"{base}/try/week")
    keep(desk, folder / WEEK)


def keep(page: Page, path: Path) -> None:
    """Write a PNG of 64 colours."""
    page.wait_for_load_state()
    image = Image.open(BytesIO(page.screenshot()))
    image.convert("RGB").quantize(64).save(path, optimize=True)
    page.close()


if __name__ == "__main__":
    sys.exit(main())
