"""A headless Chromium that is spoken to over a pipe, in its DevTools protocol."""
import base64
import json
import os
import select
import shutil
import subprocess
import time

NAMES = ('chromium', 'chromium-browser', 'google-chrome')
PATIENCE = 60  # s for an answer


def find():
    return next(filter(None, map(shutil.which, NAMES)), None)


class Browser:
    """One process; its tabs are pages."""

    def __init__(self, folder):
        (to_read, self.to), (self.answers, from_write) = os.pipe(), os.pipe()
        for end in (self.to, self.answers):
            os.set_inheritable(end, False)

        def wire():
            # The browser reads from 3 and writes to 4, neither of which may be one of those that are duplicated.
            high = os.dup(to_read), os.dup(from_write)
            os.dup2(high[0], 3)
            os.dup2(high[1], 4)

        flags = ['--headless', '--remote-debugging-pipe', '--no-first-run', '--disable-gpu', '--disable-dev-shm-usage',
                 '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-extensions',
                 '--force-device-scale-factor=1', f'--user-data-dir={folder}']
        if os.geteuid() == 0:
            flags.append('--no-sandbox')  # which Chromium has for others than root alone
        self.process = subprocess.Popen([find(), *flags, 'about:blank'], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL, close_fds=False, pass_fds=(), preexec_fn=wire,
                                        env={**os.environ, 'HOME': str(folder)}, start_new_session=True)
        os.close(to_read)
        os.close(from_write)
        self.buffer, self.number, self.events = b'', 0, []

    def close(self):
        try:
            self.call('Browser.close')
        except (OSError, EOFError, TimeoutError):
            self.process.kill()
        self.process.wait()
        os.close(self.to)
        os.close(self.answers)

    def receive(self):
        end = time.monotonic() + PATIENCE
        while b'\0' not in self.buffer:
            if not select.select([self.answers], [], [], max(0, end - time.monotonic()))[0]:
                raise TimeoutError('the browser does not answer')
            data = os.read(self.answers, 1 << 20)
            if not data:
                raise EOFError('the browser has ended')
            self.buffer += data
        message, self.buffer = self.buffer.split(b'\0', 1)
        return json.loads(message)

    def call(self, method, session=None, **parameters):
        self.number += 1
        message = {'id': self.number, 'method': method, 'params': parameters}
        if session:
            message['sessionId'] = session
        data = json.dumps(message).encode() + b'\0'
        while data:
            data = data[os.write(self.to, data):]
        while True:
            answer = self.receive()
            if answer.get('id') == self.number:
                if 'error' in answer:
                    raise RuntimeError(f'{method}: {answer["error"]}')
                return answer['result']
            self.events.append(answer)

    def wait(self, method, session):
        """The first such event since the tab was opened."""
        while True:
            for event in self.events:
                if event.get('method') == method and event.get('sessionId') == session:
                    return event['params']
            self.events.append(self.receive())

    def open(self, path):
        return Tab(self, path)


class Tab:
    """A page once it has loaded."""

    def __init__(self, browser, path):
        self.browser = browser
        target = browser.call('Target.createTarget', url='about:blank')['targetId']
        self.target = target
        self.session = browser.call('Target.attachToTarget', targetId=target, flatten=True)['sessionId']
        for domain in ('Page', 'Runtime', 'Network', 'Log'):
            self.call(f'{domain}.enable')
        self.show(1280, False)
        browser.events.clear()
        self.url = path.resolve().as_uri()
        self.call('Page.navigate', url=self.url)
        browser.wait('Page.loadEventFired', self.session)

    def call(self, method, **parameters):
        return self.browser.call(method, self.session, **parameters)

    def show(self, width, dark):
        """On a screen that is so wide; the charts have been fitted to it."""
        self.call('Page.bringToFront')  # others draw nothing
        self.call('Emulation.setDeviceMetricsOverride', width=width, height=900, deviceScaleFactor=1, mobile=width < 500)
        self.call('Emulation.setEmulatedMedia', features=[{'name': 'prefers-color-scheme', 'value': 'dark' if dark else 'light'}])
        self.run('new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))')

    def run(self, script):
        """The value of the expression."""
        result = self.call('Runtime.evaluate', expression=script, returnByValue=True, awaitPromise=True)
        if 'exceptionDetails' in result:
            raise RuntimeError(result['exceptionDetails'].get('exception', {}).get('description', script))
        return result['result'].get('value')

    def events(self, *methods):
        return [e['params'] for e in self.browser.events if e.get('sessionId') == self.session and e.get('method') in methods]

    def complaints(self):
        """What the page said on the console, and what the browser says against it."""
        return self.events('Runtime.consoleAPICalled', 'Runtime.exceptionThrown', 'Log.entryAdded')

    def requests(self):
        """Addresses of all but the page itself."""
        asked = [e['request']['url'] for e in self.events('Network.requestWillBeSent')]
        return [url for url in asked if url != self.url and not url.startswith('blob:')]

    def screenshot(self, path):
        data = self.call('Page.captureScreenshot', captureBeyondViewport=True)['data']
        path.write_bytes(base64.b64decode(data))

    def close(self):
        self.browser.call('Target.closeTarget', targetId=self.target)
