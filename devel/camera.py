"""Take pictures of Odoo's screens: ``camera.py ODOO SCENES FOLDER``.

``ODOO`` is the server's address, ``SCENES`` the file that `pictures.py` wrote. It
speaks Chromium's own protocol, as Odoo's tests do.
"""

import base64
import io
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from urllib.parse import urljoin

import websocket
from PIL import Image

from tbcdev import machine

WAIT_SECONDS = 90
# What a screen still does after its last part is there: fonts, charts, avatars.
SETTLE_SECONDS = 2
COLOURS = 128
HERE = Path(__file__).parent
DOCS = HERE.parent / "docs" / "pictures"
BANK_PAGE = {
    "name": "bank_page",
    "login": None,
    "address": (HERE / "bank_page.html").as_uri(),
    "complete": "main",
    "size": (800, 760),
}
LOG_IN = """(async ([login, password]) => {
    const page = await (await fetch("/web/login")).text();
    const token = page.match(/csrf_token" value="([^"]+)"/)[1];
    const body = new URLSearchParams({ login, password, csrf_token: token });
    return (await fetch("/web/login", { method: "POST", body })).url;
})(%s)"""


class Camera:
    """One browser.

    :param str odoo: address of Odoo's server
    """

    def __init__(self, odoo):
        self.odoo = odoo
        self._number = 0
        browser = next(filter(None, map(shutil.which, machine.BROWSERS)), None)
        if not browser:
            sys.exit("There is no Chromium to take the pictures with.")
        folder = tempfile.mkdtemp()
        log_path = Path(folder, "browser.log")
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"]
        options += ["--hide-scrollbars", "--remote-debugging-port=0"]
        options += ["--remote-allow-origins=*", f"--user-data-dir={folder}"]
        with open(log_path, "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [browser, *options, "about:blank"], stdout=log, stderr=log
            )
        self._socket = websocket.create_connection(_page(log_path), timeout=120)
        self._ask("Page.enable")

    def take(self, scene, folder):
        """Open ``scene`` as its user and save its picture; return the file's path."""
        width, height = scene["size"]
        phone = width < 600
        self._ask(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=phone,
        )
        self._ask("Emulation.setTouchEmulationEnabled", enabled=phone)
        if scene["login"]:
            self._enter(scene["login"])
        self._ask("Page.navigate", url=urljoin(self.odoo, scene["address"]))
        seen = f"!!document.querySelector({json.dumps(scene['complete'])})"
        self._wait(seen, scene["name"])
        time.sleep(SETTLE_SECONDS)
        shot = self._ask("Page.captureScreenshot", format="png")["data"]
        path = folder / f"{scene['name']}.png"
        image = Image.open(io.BytesIO(base64.b64decode(shot))).convert("RGB")
        image.quantize(COLOURS).save(path, optimize=True)
        return path

    def _enter(self, login):
        """Log in as the user whose password is the login."""
        self._ask("Network.clearBrowserCookies")
        self._ask("Page.navigate", url=f"{self.odoo}/web/login")
        self._wait("!!document.querySelector('form.oe_login_form')", "login")
        self._value(LOG_IN % json.dumps([login, login]))

    def _wait(self, condition, name):
        deadline = time.monotonic() + WAIT_SECONDS
        while self._value(condition) is not True:
            if time.monotonic() > deadline:
                sys.exit(f"The screen of the picture {name} did not come.")
            time.sleep(0.2)

    def _value(self, expression):
        answer = self._ask(
            "Runtime.evaluate",
            expression=expression,
            awaitPromise=True,
            returnByValue=True,
        )
        return answer.get("result", {}).get("value")

    def _ask(self, method, **params):
        self._number += 1
        question = {"id": self._number, "method": method, "params": params}
        self._socket.send(json.dumps(question))
        while True:
            answer = json.loads(self._socket.recv())
            if answer.get("id") == self._number:
                return answer.get("result", {})


def _page(log_path):
    """Return the address of the browser's first page, once it listens."""
    local = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        text = log_path.read_text(encoding="utf-8")
        if match := re.search(r"listening on ws://([\d.:]+)/", text):
            with local.open(f"http://{match[1]}/json") as answer:
                tabs = json.load(answer)
            pages = [tab for tab in tabs if tab["type"] == "page"]
            if pages:
                return pages[0]["webSocketDebuggerUrl"]
        time.sleep(0.2)
    sys.exit(f"The browser does not start:\n{log_path.read_text()}")


def main(odoo, scenes_path, folder):
    """Take the picture of each scene."""
    camera = Camera(odoo)
    try:
        for scene in json.loads(Path(scenes_path).read_text(encoding="utf-8")):
            print(camera.take(scene, Path(folder)).name, flush=True)
        DOCS.mkdir(exist_ok=True)
        print(camera.take(BANK_PAGE, DOCS).name, flush=True)
    finally:
        camera.process.terminate()


if __name__ == "__main__":
    main(*sys.argv[1:])
