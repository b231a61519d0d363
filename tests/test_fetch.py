"""Addresses are fetched from a real local server; whatever must not be fetched is refused in one clear line."""

import gzip
import http.server
import socket
import threading
import time
from dataclasses import dataclass, field

import httpcore
import pytest

from index.articles import Item
from index.connect import is_public
from index.errors import ItemError
from index.fetch import fetch
from index.readers import read
from index.sources import IngestOptions, items

LOCAL = IngestOptions(allow_private=True, timeout_s=5)
HURRIED = IngestOptions(allow_private=True, timeout_s=0.5)
LONG = "President Gustavo Petro said on Monday that the country had seized more cocaine than in any year before."
PAGE = f"<html><head><title>T</title></head><body><article><p>{LONG}</p></article></body></html>".encode()


@dataclass
class Site:
    """A server on this machine: what each path answers, and what it was asked."""

    url: str = ""
    answers: dict = field(default_factory=dict)
    asked: list = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def page(self, path, data=PAGE, status=200, **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers[path] = (status, {"Content-Type": "text/html; charset=utf-8", **named}, data)
        return self.url + path

    def redirect(self, path, to, status=302):
        return self.page(path, b"", status, Location=to)


@pytest.fixture
def site():
    site = Site()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            site.asked.append((self.path, dict(self.headers)))
            answer = site.answers.get(self.path, (404, {}, b"Not here."))
            if callable(answer):
                answer(self)
                return
            status, headers, data = answer
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_args):
            pass

    class Server(http.server.ThreadingHTTPServer):
        def handle_error(self, *_args):  # clients hang up on purpose here
            pass

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        site.url = f"http://127.0.0.1:{server.server_address[1]}"
        yield site
        site.stop.set()
        server.shutdown()
        thread.join()


def one(url, options=LOCAL):
    (item,) = fetch(url, options)
    assert isinstance(item, Item)
    return item


def refusal(url, options=LOCAL):
    with pytest.raises(ItemError) as caught:
        list(fetch(url, options))
    assert "\n" not in str(caught.value)
    return caught.value.reason


def text_of(item):
    (draft,) = read(item, {})
    return draft.text


def test_a_page_is_an_item_with_its_address_and_type(site):
    url = site.page("/a")
    assert one(url) == Item(key=url, name=url, data=PAGE, url=url, content_type="text/html")


def test_a_fragment_is_no_part_of_the_key(site):
    assert one(site.page("/a") + "#top").key == site.url + "/a"


def test_the_request_names_the_program_and_asks_for_no_cookie(site):
    site.page("/b", Set_Cookie="a=b")
    site.redirect("/a", "/b")
    site.answers["/a"][1]["Set-Cookie"] = "c=d"
    one(site.url + "/a")
    for _, headers in site.asked:
        assert headers["User-Agent"].startswith("Sourcebound/")
        assert headers["Host"] == site.url.removeprefix("http://")
        assert "Cookie" not in headers


def test_proxies_of_the_environment_are_not_used(site, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert one(site.page("/a")).data == PAGE


def test_a_redirect_is_followed_and_the_key_stays(site):
    site.page("/b")
    item = one(site.redirect("/a", "/b"))
    assert (item.key, item.url) == (site.url + "/a", site.url + "/b")


def test_a_packed_body_is_unpacked(site):
    assert one(site.page("/a", gzip.compress(PAGE), Content_Encoding="gzip")).data == PAGE


def test_an_encoding_that_was_not_asked_for_is_refused(site):
    assert "'br'" in refusal(site.page("/a", b"x", Content_Encoding="br"))


def test_two_layers_of_packing_are_refused(site):
    assert "'gzip, gzip'" in refusal(site.page("/a", b"x", Content_Encoding="gzip, gzip"))


def test_damaged_packing_is_one_line(site):
    assert "damaged" in refusal(site.page("/a", b"not packed", Content_Encoding="gzip"))


def test_the_encoding_that_only_the_server_names_is_used(site):
    page = f"<html><body><article><p>{LONG}</p><p>Президент заявил.</p></article></body></html>".encode("koi8-r")
    assert "Президент заявил." in text_of(one(site.page("/a", page, Content_Type="text/html; charset=KOI8-R")))


@pytest.mark.parametrize("charset", ["no-such", "iso-8859-1", "us-ascii", "hex"])
def test_a_wrong_encoding_of_the_server_does_no_harm(site, charset):
    page = f"<html><body><article><p>{LONG} “Yes”.</p></article></body></html>".encode()
    assert "“Yes”" in text_of(one(site.page("/a", page, Content_Type=f"text/html; charset={charset}")))


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        (404, "check the address"),
        (410, "check"),
        (403, "save the page"),
        (429, "later"),
        (500, "later"),
        (204, "check"),
    ],
)
def test_an_error_of_the_server_is_told_with_advice(site, status, advice):
    reason = refusal(site.page("/a", b"", status))
    assert f"answered {status}" in reason
    assert advice in reason


def test_a_page_that_is_not_there_says_not_found(site):
    assert "answered 404 Not Found: check the address" in refusal(site.url + "/none")


def test_an_empty_page_is_an_error(site):
    assert "empty" in refusal(site.page("/a", b""))


def test_a_redirect_in_a_circle_is_told(site):
    site.redirect("/b", "/a")
    assert "circle" in refusal(site.redirect("/a", "/b"))


def test_a_redirect_for_ever_is_stopped(site):
    for number in range(20):
        site.redirect(f"/{number}", f"/{number + 1}")
    assert "more than 5 times" in refusal(site.url + "/0")
    assert len(site.asked) == 6


@pytest.mark.parametrize("to", ["file:///etc/passwd", "ftp://x.org/", "javascript:alert(1)", "http://", "http://[", ""])
def test_a_redirect_to_what_is_no_web_address_is_refused(site, to):
    assert refusal(site.redirect("/a", to))


def test_a_redirect_to_a_password_is_refused(site):
    reason = refusal(site.redirect("/a", site.url.replace("//", "//user:secret@") + "/b"))
    assert "password" in reason
    assert len(site.asked) == 1


def test_a_body_over_the_limit_is_cut_off(site):
    url = site.page("/a", b"x" * 100_000)
    assert "--max-size" in refusal(url, IngestOptions(allow_private=True, max_bytes=1000))


def test_a_packed_bomb_is_cut_off(site):
    url = site.page("/a", gzip.compress(b"0" * (30 << 20)), Content_Encoding="gzip")
    assert "larger than the limit" in refusal(url, IngestOptions(allow_private=True, max_bytes=1 << 20))


def test_a_server_that_never_answers_is_given_up(site):
    site.answers["/a"] = lambda _handler: site.stop.wait(10)
    started = time.monotonic()
    assert "within 0.5 s" in refusal(site.url + "/a", HURRIED)
    assert time.monotonic() - started < 3


def test_a_body_that_trickles_for_ever_is_cut_off_at_the_deadline(site):
    def trickle(handler):
        handler.send_response(200)
        handler.end_headers()
        while not site.stop.wait(0.05):
            handler.wfile.write(b"x")
            handler.wfile.flush()

    site.answers["/a"] = trickle
    started = time.monotonic()
    assert "within 0.5 s" in refusal(site.url + "/a", HURRIED)
    assert time.monotonic() - started < 3


def test_headers_that_trickle_for_ever_are_cut_off_at_the_deadline(site):
    def trickle(handler):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while not site.stop.wait(0.05):
            handler.wfile.write(b"X-More: y\r\n")
            handler.wfile.flush()

    site.answers["/a"] = trickle
    assert "within 0.5 s" in refusal(site.url + "/a", HURRIED)


def test_a_server_that_hangs_up_is_one_line(site):
    site.answers["/a"] = lambda handler: handler.connection.shutdown(socket.SHUT_RDWR)
    assert "cannot be fetched" in refusal(site.url + "/a")


def test_a_server_that_does_not_speak_http_is_one_line(site):
    site.answers["/a"] = lambda handler: handler.wfile.write(b"SSH-2.0-OpenSSH\r\n\r\n")
    assert "cannot be fetched" in refusal(site.url + "/a")


def test_a_closed_port_is_one_line():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/"
        assert "cannot be fetched" in refusal(url)


def test_plain_http_on_a_secure_address_is_one_line(site):
    assert "cannot be fetched" in refusal(site.page("/a").replace("http:", "https:"))


def test_an_unknown_host_is_one_line(monkeypatch):
    def unknown(*_args, **_kwargs):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert "'no-such.example' is not known" in refusal("http://no-such.example/")


# What may be connected to


def test_an_address_inside_this_machine_is_refused_and_never_asked(site):
    assert "'127.0.0.1'" in refusal(site.page("/a"), IngestOptions())
    assert not site.asked


@pytest.mark.parametrize(
    "host",
    ["localhost", "127.1", "2130706433", "0x7f000001", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]"],  # noqa: S104
)
def test_other_spellings_of_this_machine_are_refused(host):
    assert "inside this machine or network" in refusal(f"http://{host}:9/", IngestOptions())


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1", "172.16.0.1", "192.168.1.1", "127.0.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",  # noqa: S104
        "255.255.255.255", "240.0.0.1", "192.0.2.1", "198.18.0.1", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1",
        "ff02::1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::10.0.0.1", "2002:7f00:1::", "2001:db8::1",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"]
)
def test_addresses_that_are_public(address):
    assert is_public(address)


def pretend(monkeypatch, *answers):
    """The resolver gives these answers in turn, each a list of addresses; connections are only noted."""
    turns, connected = iter(answers), []

    def resolve(_host, port, **_kwargs):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in next(turns)]

    def connect(_self, host, *_args):
        connected.append(host)
        raise httpcore.ConnectError("noted")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect)
    return connected


def test_a_name_with_one_private_address_among_public_ones_is_refused(monkeypatch):
    connected = pretend(monkeypatch, ["8.8.8.8", "10.0.0.1"])
    assert "'10.0.0.1'" in refusal("http://two-faced.example/", IngestOptions())
    assert not connected


def test_the_connection_goes_to_the_address_that_was_judged(monkeypatch):
    connected = pretend(monkeypatch, ["8.8.8.8"], ["127.0.0.1"])
    refusal("http://rebinding.example/", IngestOptions())
    assert connected == ["8.8.8.8"]


def test_the_second_address_is_tried_when_the_first_does_not_answer(monkeypatch):
    connected = pretend(monkeypatch, ["8.8.8.8", "1.1.1.1"])
    refusal("http://two.example/", IngestOptions())
    assert connected == ["8.8.8.8", "1.1.1.1"]


def test_every_hop_of_a_redirect_is_judged(site, monkeypatch):
    real = is_public
    monkeypatch.setattr("index.connect.is_public", lambda address: address == "127.0.0.1" or real(address))
    url = site.redirect("/a", "http://169.254.169.254/latest/meta-data/")
    assert "'169.254.169.254'" in refusal(url, IngestOptions())


@pytest.mark.parametrize("url", ["file:///etc/passwd", "gopher://x.org/", "http://", "http://[", "http:///path", "x"])
def test_what_is_no_web_address_is_refused(url):
    assert refusal(url)


def test_a_password_in_an_address_is_refused_and_not_repeated():
    with pytest.raises(ItemError) as caught:
        list(fetch("http://user:secret@example.org/", LOCAL))
    assert "secret" not in str(caught.value)


# Feeds

RSS = """<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
<title>The Paper</title><link>http://x.org/</link>
<item><title>First</title><link>/first</link><description>Short.</description></item>
<item><title>Second</title><link>/second</link><description>Short.</description>
<content:encoded><![CDATA[{full}]]></content:encoded><pubDate>Tue, 10 Mar 2026 10:00:00 GMT</pubDate></item>
<item><title>Third</title><link>/third</link><description>Short.</description></item>
</channel></rss>"""
FULL = "".join(f"<p>{LONG} This was part {number} of it.</p>" for number in range(5))


def feed(site, text=None, **headers):
    text = (text or RSS).replace("{full}", FULL)
    return site.page("/feed", text.encode(), **{"Content_Type": "application/rss+xml", **headers})


def test_the_pages_of_a_feed_are_items(site):
    for path in ("/first", "/second", "/third"):
        site.page(path)
    found = list(fetch(feed(site), LOCAL))
    assert [item.key for item in found] == [site.url + path for path in ("/first", "/second", "/third")]
    assert {item.data for item in found} == {PAGE}


def test_an_entry_whose_page_fails_gives_its_own_full_text_or_else_its_error(site):
    site.page("/first")
    first, second, third = fetch(feed(site), LOCAL)
    assert first.data == PAGE
    assert third.item == site.url + "/third"
    assert "404" in third.reason
    (draft,) = read(second, {})
    assert draft.text.count(LONG) == 5
    assert {name: found.value for name, found in draft.found.items()} == {
        "title": "Second",
        "outlet": "The Paper",
        "published": "2026-03-10T10:00:00+00:00",
        "url": site.url + "/second",
    }


@pytest.mark.parametrize("content_type", ["text/xml", "text/html", "text/plain", "application/octet-stream"])
def test_a_feed_is_known_by_its_content(site, content_type):
    assert len(list(fetch(feed(site, Content_Type=content_type), LOCAL))) == 3


def test_an_atom_feed_is_read(site):
    site.page("/first")
    entry = '<entry><title>E</title><link href="/first"/></entry>'
    atom = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title>{entry}</feed>'
    assert [item.data for item in fetch(feed(site, atom), LOCAL)] == [PAGE]


def test_only_so_many_entries_are_fetched(site):
    assert len(list(fetch(feed(site), IngestOptions(allow_private=True, max_feed_entries=2)))) == 2


def test_a_feed_cannot_lead_inside_the_network(site, monkeypatch):
    monkeypatch.setattr("index.connect.is_public", lambda address: address == "127.0.0.1")
    text = "<rss version='2.0'><channel><item><title>T</title><link>http://10.0.0.1/</link></item></channel></rss>"
    (error,) = fetch(feed(site, text), IngestOptions())
    assert "'10.0.0.1'" in error.reason


def test_a_feed_inside_a_feed_is_refused(site):
    text = "<rss version='2.0'><channel><item><title>T</title><link>/feed</link></item></channel></rss>"
    (error,) = fetch(feed(site, text), LOCAL)
    assert "feed inside a feed" in error.reason


def test_an_entry_without_an_address_is_an_error(site):
    text = "<rss version='2.0'><channel><item><title>T</title></item></channel></rss>"
    (error,) = fetch(feed(site, text), LOCAL)
    assert "neither an address" in error.reason


def test_a_feed_without_entries_is_an_error(site):
    assert "without entries" in refusal(feed(site, "<rss version='2.0'><channel><title>T</title></channel></rss>"))


# As a target among others


def test_an_address_that_fails_does_not_stop_the_other_targets(site, tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("Text.")
    error, page, file = items([site.url + "/none", site.page("/a"), str(path)], LOCAL)
    assert isinstance(error, ItemError)
    assert (page.data, file.data) == (PAGE, b"Text.")
