# SPDX-License-Identifier: BSD-2-Clause
"""A headless Chromium for the tests, driven through chromedriver by the W3C WebDriver protocol."""

import json
import os
import re
import shutil
import subprocess
import urllib.error
import urllib.request


class Browser:
    """One browser window; to be used in a with statement."""

    ARGUMENTS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1400,800"]

    def __init__(self):
        self.driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        # It says on which port the system has let it listen.
        for line in self.driver.stdout:
            found = re.search(r"on port (\d+)\.", line)
            if found:
                self.base = f"http://127.0.0.1:{found[1]}"
                break
        else:
            raise RuntimeError("chromedriver has not started")
        options = {"goog:chromeOptions": {"args": self.ARGUMENTS, "binary": shutil.which("chromium")},
                   "goog:loggingPrefs": {"browser": "ALL"}}
        session = self.call("POST", "/session", {"capabilities": {"alwaysMatch": options}})
        self.base += "/session/" + session["sessionId"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.call("DELETE", "")
        finally:
            self.driver.terminate()
            self.driver.wait()

    def call(self, method, path, body=None):
        """One command of the protocol; RuntimeError with the browser's words if it fails."""
        data = json.dumps(body or {}).encode() if method == "POST" else None
        request = urllib.request.Request(self.base + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(json.load(error)["value"]["message"]) from None

    def open(self, path):
        """Open a file."""
        self.call("POST", "/url", {"url": path.resolve().as_uri()})

    def cpu_time(self):
        """Seconds of CPU time that the browser, all its processes, has used.

        On a machine that does nothing else an action cannot take longer than that, and unlike the time
        on the clock it does not depend on what else the machine does.
        """
        processes = {}
        for entry in os.listdir("/proc"):
            if entry.isdigit():
                try:
                    with open(f"/proc/{entry}/stat", encoding="utf-8", errors="replace") as file:
                        fields = file.read().rpartition(")")[2].split()
                except OSError:         # it has ended
                    continue
                processes[int(entry)] = (int(fields[1]), int(fields[11]) + int(fields[12]))
        ours, ticks = {self.driver.pid}, 0
        for pid, (parent, used) in sorted(processes.items()):
            if parent in ours:
                ours.add(pid)
                ticks += used
        return ticks / os.sysconf("SC_CLK_TCK")

    def run(self, script):
        """The value of a function's body in JavaScript; a promise is waited for."""
        return self.call("POST", "/execute/sync", {"script": script, "args": []})

    def act(self, kind, actions):
        """Actions of a pointer or of a key, as the protocol has them."""
        source = {"type": kind, "id": kind, "actions": actions}
        if kind == "pointer":
            source["parameters"] = {"pointerType": "mouse"}
        self.call("POST", "/actions", {"actions": [source]})

    def click(self, x, y):
        """A click at a point of the window."""
        self.act("pointer", [{"type": "pointerMove", "duration": 0, "x": int(x), "y": int(y)},
                             {"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}])

    def point(self, x, y):
        """The pointer to a point of the window."""
        self.act("pointer", [{"type": "pointerMove", "duration": 0, "x": int(x), "y": int(y)}])

    def type(self, text):
        """Keys, one after the other."""
        self.act("key", [{"type": kind, "value": key} for key in text for kind in ("keyDown", "keyUp")])

    def errors(self):
        """What the page has complained about."""
        return [entry["message"] for entry in self.call("POST", "/se/log", {"type": "browser"}) if entry["level"] in ("SEVERE", "WARNING")]
