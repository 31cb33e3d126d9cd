"""Who the server answers, and what nothing escapes from."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from tests.trainer.studio.kits import copied
from trainer.studio import intake
from trainer.studio.security import Access
from trainer.studio.server import application, listen
from trainer.studio.studio import Places, Studio

PORT = 8123
HOST = f"127.0.0.1:{PORT}"
ACCESS = Access(PORT, "token", "secret")
COOKIE = f"studio-{PORT}=secret"
READ = {"host": HOST, "cookie": COOKIE}
WRITE = {**READ, "x-studio": "1"}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    studio = Studio(Places(tmp_path_factory.mktemp("project")))
    with TestClient(application(studio, ACCESS), f"http://{HOST}", cookies=None) as client:
        yield client


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", "127.0.0.1.evil.example", "127.0.0.1", f"127.0.0.1:{PORT + 1}"),
        *(f"evil.example:{PORT}", f"[::1]:{PORT}", f"0.0.0.0:{PORT}", ""),
    ],
)
def test_another_host_is_refused(client: TestClient, host: str) -> None:
    assert client.get("/api/session", headers={**READ, "host": host}).status_code == 400


@pytest.mark.parametrize(
    "more",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": f"https://{HOST}"},
        {"origin": f"http://localhost:{PORT}"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_another_site_is_refused(client: TestClient, more: dict[str, str]) -> None:
    for path in ("/", "/api/session", "/page/main.js"):
        assert client.get(path, headers={**READ, **more}).status_code == 403
    assert client.post("/api/undo", headers={**WRITE, **more}).status_code == 403


@pytest.mark.parametrize(
    "cookie", ["", "studio-8123=", "studio-8123=Secret", "studio-8124=secret", "a;;=", "é"]
)
def test_without_the_cookie_nothing_is_answered(client: TestClient, cookie: str) -> None:
    headers = [(b"host", HOST.encode()), (b"cookie", cookie.encode("latin-1"))]
    for path in ("/", "/api/session", "/api/loops", "/page/main.js"):
        answer = client.get(path, headers=headers)
        assert (answer.status_code, "trainer studio" in answer.text) == (403, True)


@pytest.mark.parametrize("token", ["", "tokem", "token0", "%00", "é"])
def test_a_wrong_token_gives_no_cookie(client: TestClient, token: str) -> None:
    answer = client.get(f"/?token={token}", headers={"host": HOST})
    assert (answer.status_code, answer.headers.get("set-cookie")) == (403, None)


def test_the_token_is_exchanged_for_a_cookie_that_scripts_cannot_read(
    client: TestClient,
) -> None:
    answer = client.get("/?token=token", headers={"host": HOST}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"].lower()
    assert all(part in cookie for part in ("studio-8123=secret", "httponly", "samesite=strict"))
    client.cookies.clear()


def test_a_write_needs_its_header(client: TestClient) -> None:
    for path in ("/api/edit", "/api/train", "/api/files?name=a.wav", "/api/kits", "/api/push"):
        assert client.post(path, headers=READ).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example", "cookie": COOKIE},
        {"origin": "null", "cookie": COOKIE},
        {"cookie": COOKIE},
        {"origin": f"http://{HOST}"},
        {"origin": f"http://{HOST}", "cookie": COOKIE, "host": "evil.example"},
    ],
)
def test_a_foreign_websocket_is_refused(client: TestClient, headers: dict[str, str]) -> None:
    with (
        pytest.raises(WebSocketDisconnect),
        client.websocket_connect("/api/events", headers={"host": HOST, **headers}),
    ):
        pass


def test_its_own_websocket_is_let_in(client: TestClient) -> None:
    headers = {"host": HOST, "cookie": COOKIE, "origin": f"http://{HOST}"}
    with client.websocket_connect("/api/events", headers=headers):
        pass


def test_the_page_is_confined(client: TestClient) -> None:
    for path in ("/", "/page/main.js", "/api/session", "/api/loops/x/audio"):
        headers = client.get(path, headers=READ).headers
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'self'")
        assert "unsafe-inline" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize(
    "path",
    [
        "/page/../studio.py",
        "/page/%2e%2e/studio.py",
        "/page/..%2fstudio.py",
        "/page/%2fetc%2fpasswd",
        "/page/studio.py",
        "/api/loops/..%2f..%2fproject.json/audio",
        "/api/loops/%2fetc%2fpasswd/audio",
        "/api/trainings/..%2f..%2fetc/file/passwd",
        "/api/trainings/x/file/..%2f..%2fproject.json",
    ],
)
def test_no_path_reaches_the_disk(client: TestClient, path: str) -> None:
    answer = client.get(path, headers=READ)
    assert answer.status_code in {400, 404}
    assert "root:" not in answer.text
    assert "import" not in answer.text


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b"null",
        b'{"a":' * 9000,
        b"\xff",
        b'"x"',
        b"9" * 5000,
        b'{"a": NaN}',
        b'{"a": 1e999}',
        b'{"a": "\\ud800"}',
    ],
)
def test_what_is_not_a_request_is_refused_in_one_line(client: TestClient, body: bytes) -> None:
    for path in ("/api/edit", "/api/undo", "/api/train", "/api/push", "/api/module/status"):
        answer = client.post(path, headers=WRITE, content=body)
        assert answer.status_code in {400, 409}
        assert "\n" not in answer.json()["reason"]


def test_a_view_that_could_not_be_sent_back_is_refused(client: TestClient) -> None:
    answer = client.post("/api/view", headers=WRITE, content=b'{"glide": NaN}')
    assert answer.status_code == 400
    assert client.get("/api/session", headers=READ).status_code == 200


def test_a_file_that_is_too_large_is_refused_with_the_reason(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "FILE_BYTES_MAX", 4)
    answer = client.post("/api/files?name=a.wav", headers=WRITE, content=b"12345")
    assert (answer.status_code, "larger" in answer.json()["reason"]) == (400, True)


def test_a_file_that_is_gone_is_named_as_the_reason(
    client: TestClient, bundle_folder: Path
) -> None:
    studio: Studio = client.app.state.studio  # type: ignore[attr-defined]
    kit = copied(bundle_folder, studio.places.project / "trainings" / "1")
    training = client.get("/api/trainings", headers=READ).json()[0]
    name = training["voices"][0]["file"]
    address = f"/api/trainings/{training['id']}/file/{name}"
    assert client.get(address, headers=READ).content == (kit / name).read_bytes()
    (kit / name).unlink()
    answer = client.get(address, headers=READ)
    assert (answer.status_code, "cannot be read" in answer.json()["reason"]) == (500, True)


def test_a_damaged_kit_is_refused(client: TestClient) -> None:
    answer = client.post("/api/kits", headers=WRITE, content=b"PK")
    assert (answer.status_code, "ZIP" in answer.json()["reason"]) == (400, True)


def test_a_body_that_is_too_large_is_refused(client: TestClient) -> None:
    answer = client.post("/api/edit", headers=WRITE, content=b" " * (5 << 20))
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "host", ["-oProxyCommand=x", "a\n", "a b", "a;b", "@", "a/b", "--local", "é"]
)
def test_a_module_cannot_be_an_option_or_a_path(client: TestClient, host: str) -> None:
    answer = client.post("/api/module/status", headers=WRITE, json={"host": host})
    assert (answer.status_code, "HOST" in answer.json()["reason"]) == (400, True)


def test_it_listens_on_the_loopback_alone() -> None:
    with listen(0) as listener:
        listener.listen()
        address, port = listener.getsockname()
        assert address == "127.0.0.1"
        others = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), port)}
        for other in others - {"127.0.0.1", "127.0.1.1"}:
            with socket.socket() as elsewhere:
                assert elsewhere.connect_ex((other, port)) != 0


def test_the_server_imports_no_numerical_library_but_numpy() -> None:
    script = "import sys, trainer.studio.server; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    heavy = {"scipy", "matplotlib", "tensorflow", "tflite_runtime", "soundfile", "PIL"}
    assert not heavy & set(done.stdout.split())


CONNECT = """
import socket, sys
try:
    socket.create_connection((sys.argv[1], int(sys.argv[2])), 2)
except OSError:
    sys.exit(0)
sys.exit(1)
"""


def test_no_connection_comes_from_another_network_namespace(tmp_path: Path) -> None:
    with listen(0) as listener:
        listener.listen()
        port = str(listener.getsockname()[1])
        command = [sys.executable, "-c", CONNECT, "127.0.0.1", port]
        assert subprocess.run(command, check=False).returncode == 1  # from this one it does
        apart = subprocess.run(["unshare", "-rn", *command], check=False)
        assert apart.returncode == 0
