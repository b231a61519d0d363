"""What the user typed becomes items, in a stable order, and each bad thing its own clear line."""

import os
import random
import stat
import struct
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.articles import Item
from index.errors import ItemError
from index.limits import mebibytes
from index.sources import IngestOptions, items, total

NOISE = random.Random(1).randbytes(5000)  # noqa: S311 not a secret
OPTIONS = IngestOptions()
SMALL = IngestOptions(max_bytes=1000)


def collect(*targets, options=OPTIONS):
    found = list(items([str(target) for target in targets], options))
    return [item for item in found if isinstance(item, Item)], [item for item in found if isinstance(item, ItemError)]


def only_error(*targets, options=OPTIONS):
    good, bad = collect(*targets, options=options)
    assert not good
    assert len(bad) == 1
    assert "\n" not in str(bad[0])
    return bad[0]


def write(path: Path, text: str = "Text.") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def archive(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in members.items():
            made.writestr(name, data)
    return path


def test_a_file_is_an_item_with_its_resolved_path_as_key(tmp_path):
    path = write(tmp_path / "a.txt")
    (tmp_path / "sub").mkdir()
    good, bad = collect(tmp_path / "sub" / ".." / "a.txt")
    assert not bad
    assert good == [Item(key=str(path.resolve()), name="a.txt", data=b"Text.")]


def test_a_relative_and_an_absolute_path_have_the_same_key(tmp_path, monkeypatch):
    path = write(tmp_path / "a.txt")
    monkeypatch.chdir(tmp_path)
    assert collect("a.txt")[0][0].key == collect(path)[0][0].key


def test_a_folder_is_read_whole_and_sorted(tmp_path):
    for name in ("b.md", "a.txt", "sub/z.html", "sub/c.csv"):
        write(tmp_path / name)
    assert [item.name for item in collect(tmp_path)[0]] == ["a.txt", "b.md", "c.csv", "z.html"]


@pytest.mark.parametrize("name", [".hidden.txt", ".git/a.txt", "a.py", "README.md", "LICENSE.txt", "picture.png"])
def test_a_folder_skips_what_is_no_article(tmp_path, name):
    write(tmp_path / name)
    write(tmp_path / "article.txt")
    good, bad = collect(tmp_path)
    assert [item.name for item in good] == ["article.txt"]
    assert not bad


def test_a_readme_that_is_named_directly_is_read(tmp_path):
    assert collect(write(tmp_path / "README.md"))[0][0].name == "README.md"


def test_the_same_file_named_twice_comes_once(tmp_path):
    path = write(tmp_path / "a.txt")
    assert len(collect(path, tmp_path, path)[0]) == 1


def test_nothing_is_read_before_it_is_asked_for(tmp_path):
    first, second = write(tmp_path / "a.txt"), write(tmp_path / "b.txt")
    found = items([str(first), str(second)], OPTIONS)
    next(found)
    second.write_text("Changed.")
    assert next(found).data == b"Changed."


def test_a_missing_path_is_named(tmp_path):
    error = only_error(tmp_path / "none.txt")
    assert "none.txt" in error.item
    assert "no such file" in error.reason


def test_a_bad_target_does_not_stop_the_others(tmp_path):
    good, bad = collect(tmp_path / "none.txt", write(tmp_path / "a.txt"))
    assert (len(good), len(bad)) == (1, 1)


def test_an_empty_file_is_an_error(tmp_path):
    assert "empty (0 bytes)" in only_error(write(tmp_path / "a.txt", "")).reason


def test_an_unsupported_file_that_is_named_directly_is_an_error_that_lists_what_can_be_read(tmp_path):
    reason = only_error(write(tmp_path / "a.xyz")).reason
    assert "'.xyz'" in reason
    assert ".pdf" in reason


def test_a_file_without_an_ending_is_an_error(tmp_path):
    assert "without an ending" in only_error(write(tmp_path / "article")).reason


def test_a_json_file_is_told_how_to_become_readable(tmp_path):
    assert ".jsonl" in only_error(write(tmp_path / "a.json")).reason


def test_a_folder_with_nothing_to_read_is_an_error(tmp_path):
    assert "holds nothing" in only_error(tmp_path).reason


def test_a_file_of_200_mib_is_refused_by_its_size_and_never_read(tmp_path, monkeypatch):
    path = tmp_path / "big.txt"
    with path.open("wb") as file:
        file.truncate(200 << 20)
    monkeypatch.setattr(Path, "open", lambda *_a, **_k: pytest.fail("was opened"))
    reason = only_error(path).reason
    assert "200.0 MiB" in reason
    assert "50.0 MiB" in reason
    assert "--max-size" in reason


def test_a_file_just_at_the_limit_is_read(tmp_path):
    path = write(tmp_path / "a.txt", "x" * 1000)
    assert len(collect(path, options=SMALL)[0][0].data) == 1000


def test_a_file_that_grows_after_its_size_was_checked_is_refused(tmp_path, monkeypatch):
    path = write(tmp_path / "a.txt", "x" * 2000)
    real = Path.stat

    def small(self, **kwargs):
        state = real(self, **kwargs)
        return os.stat_result((*state[:6], 10, *state[7:])) if self.name == "a.txt" else state

    monkeypatch.setattr(Path, "stat", small)
    assert "over the limit" in only_error(path, options=SMALL).reason


def test_a_file_that_may_not_be_read_says_so(tmp_path, monkeypatch):
    path = write(tmp_path / "a.txt")

    def refuse(*_args, **_kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert "may not be read" in only_error(path).reason


def test_a_disk_error_is_one_line(tmp_path, monkeypatch):
    path = write(tmp_path / "a.txt")

    def fail(*_args, **_kwargs):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Path, "open", fail)
    assert "Input/output error" in only_error(path).reason


def test_a_folder_that_cannot_be_listed_is_an_error_and_the_others_go_on(tmp_path, monkeypatch):
    write(tmp_path / "shut" / "a.txt")
    write(tmp_path / "open" / "b.txt")
    real = os.scandir

    def scandir(path):
        if str(path).endswith("shut"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    good, bad = collect(tmp_path)
    assert [item.name for item in good] == ["b.txt"]
    assert "cannot be listed" in bad[0].reason
    assert bad[0].item.endswith("shut")


def test_a_pipe_is_refused_and_never_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe.txt")
    assert "pipe" in only_error(tmp_path / "pipe.txt").reason


@pytest.mark.parametrize("name", ["pipe.txt", "pipe.zip"])
def test_a_pipe_in_a_folder_is_refused_and_never_opened(tmp_path, name):
    os.mkfifo(tmp_path / name)
    assert "pipe" in only_error(tmp_path).reason


def test_a_device_is_refused():
    assert "device" in only_error("/dev/zero").reason


@pytest.mark.parametrize("target", ["a\0b.txt", "x" * 5000, ""])
def test_a_path_no_system_can_have_is_one_line(target, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    only_error(target)


def test_a_link_that_is_named_directly_is_followed(tmp_path):
    path = write(tmp_path / "a.txt")
    link = tmp_path / "link.txt"
    link.symlink_to(path)
    assert collect(link)[0][0].key == str(path.resolve())


def test_a_link_that_leaves_the_folder_is_an_error(tmp_path):
    secret = write(tmp_path / "secret.txt", "Secret.")
    write(tmp_path / "folder" / "a.txt")
    (tmp_path / "folder" / "link.txt").symlink_to(secret)
    good, bad = collect(tmp_path / "folder")
    assert [item.name for item in good] == ["a.txt"]
    assert "leaves the folder" in bad[0].reason


def test_a_folder_link_that_leaves_the_folder_is_an_error(tmp_path):
    write(tmp_path / "outside" / "secret.txt")
    write(tmp_path / "folder" / "a.txt")
    (tmp_path / "folder" / "link").symlink_to(tmp_path / "outside")
    good, bad = collect(tmp_path / "folder")
    assert [item.name for item in good] == ["a.txt"]
    assert "leaves the folder" in bad[0].reason


def test_a_link_inside_the_folder_does_not_double_its_file(tmp_path):
    (tmp_path / "a.txt").symlink_to(write(tmp_path / "b.txt"))
    good, bad = collect(tmp_path)
    assert [item.name for item in good] == ["b.txt"]
    assert not bad


def test_a_loop_of_folders_ends(tmp_path):
    write(tmp_path / "sub" / "a.txt")
    (tmp_path / "sub" / "up").symlink_to(tmp_path)
    good, _ = collect(tmp_path)
    assert [item.name for item in good] == ["a.txt"]


def test_a_loop_of_links_is_an_error(tmp_path):
    (tmp_path / "a.txt").symlink_to(tmp_path / "b.txt")
    (tmp_path / "b.txt").symlink_to(tmp_path / "a.txt")
    assert only_error(tmp_path / "a.txt")
    good, bad = collect(tmp_path)
    assert (len(good), len(bad)) == (0, 2)


def test_a_broken_link_is_an_error(tmp_path):
    (tmp_path / "a.txt").symlink_to(tmp_path / "gone.txt")
    assert "leads nowhere" in only_error(tmp_path).reason


def test_archive_members_are_items_with_both_names_in_the_key(tmp_path):
    path = archive(tmp_path / "x.zip", {"b/two.txt": b"Two.", "a.txt": b"One.", "c.png": b"\x89PNG"})
    good, bad = collect(path)
    assert [(item.key, item.name, item.data) for item in good] == [
        (f"{path.resolve()}!a.txt", "a.txt", b"One."),
        (f"{path.resolve()}!b/two.txt", "b/two.txt", b"Two."),
    ]
    assert not bad


@pytest.mark.parametrize("name", ["../out.txt", "/etc/out.txt", "a/../../out.txt", "..\\out.txt", "C:\\out.txt"])
def test_a_member_that_points_outside_is_refused_and_the_others_go_on(tmp_path, name):
    good, bad = collect(archive(tmp_path / "x.zip", {name: b"Bad.", "good.txt": b"Good."}))
    assert [item.data for item in good] == [b"Good."]
    assert "outside the archive" in bad[0].reason


def test_a_member_that_is_a_link_is_refused(tmp_path):
    member = zipfile.ZipInfo("link.txt")
    member.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as made:
        made.writestr(member, "/etc/passwd")
    assert "is a link" in only_error(tmp_path / "x.zip").reason


def test_an_archive_in_an_archive_is_refused(tmp_path):
    inner = archive(tmp_path / "inner.zip", {"a.txt": b"A."}).read_bytes()
    assert "archive in an archive" in only_error(archive(tmp_path / "x.zip", {"inner.zip": inner})).reason


def test_a_locked_member_is_refused(tmp_path):
    path = archive(tmp_path / "x.zip", {"a.txt": b"Text."})
    data = bytearray(path.read_bytes())
    data[6] |= 1  # general purpose flag, local header
    data[data.index(b"PK\x01\x02") + 8] |= 1  # and in the list of members
    path.write_bytes(data)
    assert "password" in only_error(path).reason


def test_a_zip_bomb_is_stopped_by_its_ratio(tmp_path):
    path = archive(tmp_path / "bomb.zip", {"bomb.txt": b"0" * (20 << 20)})
    assert "zip bomb" in only_error(path).reason


def test_a_member_over_the_size_limit_is_stopped(tmp_path):
    path = archive(tmp_path / "x.zip", {"a.txt": NOISE, "b.txt": b"Small."})
    good, bad = collect(path, options=SMALL)
    assert [item.name for item in good] == ["b.txt"]
    assert bad[0].reason == "unpacks to over 1000 bytes, the limit: raise it with --max-size"


def test_an_archive_that_is_too_large_itself_is_not_told_to_raise_a_limit_that_does_not_count(tmp_path):
    path = archive(tmp_path / "x.zip", {"a.txt": NOISE})
    reason = only_error(path, options=IngestOptions(max_archive_bytes=3000)).reason
    assert "over the limit of 3000 bytes for an archive: ingest it in parts" in reason
    assert "--max-size" not in reason


def test_a_member_over_what_is_left_of_the_archives_total_says_so_and_the_rest_is_not_read(tmp_path):
    path = archive(tmp_path / "x.zip", {"a.txt": b"x" * 2000, "b.txt": b"y" * 2000, "c.txt": b"z"})
    good, bad = collect(path, options=IngestOptions(max_archive_bytes=3000))
    assert [item.name for item in good] == ["a.txt"]
    assert [error.item.rpartition("/")[2] for error in bad] == ["x.zip!b.txt", "x.zip"]
    assert all("unpacks to over 3000 bytes in all: ingest it in parts" in error.reason for error in bad)
    assert not any("--max-size" in error.reason for error in bad)


def test_many_members_that_together_are_too_large_are_stopped(tmp_path):
    path = archive(tmp_path / "x.zip", {f"{n:02}.txt": b"x" * 900 for n in range(10)})
    good, bad = collect(path, options=IngestOptions(max_archive_bytes=3000))
    assert len(good) == 3
    assert "the rest is not read" in bad[-1].reason


def test_a_member_whose_stated_size_is_a_lie_is_an_error(tmp_path):
    path = archive(tmp_path / "x.zip", {"a.txt": b"x" * 5000})
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", 10)
    path.write_bytes(data)
    assert "damaged" in only_error(path).reason


def test_too_many_members_are_refused(tmp_path):
    path = archive(tmp_path / "x.zip", {f"{n}.txt": b"x" for n in range(11)})
    assert "11 members" in only_error(path, options=IngestOptions(max_archive_members=10)).reason


def test_two_members_of_one_name_are_not_lost_silently(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as made:
        made.writestr("a.txt", "One.")
        with pytest.warns(UserWarning, match="Duplicate"):
            made.writestr("a.txt", "Two.")
    good, bad = collect(tmp_path / "x.zip")
    assert (len(good), len(bad)) == (1, 1)
    assert "twice" in bad[0].reason


def test_a_truncated_archive_is_one_line(tmp_path):
    path = archive(tmp_path / "x.zip", {"a.txt": b"Text."})
    path.write_bytes(path.read_bytes()[:-10])
    assert "not a whole zip" in only_error(path).reason


def test_a_damaged_member_is_named(tmp_path):
    path = archive(tmp_path / "x.zip", {"a.txt": NOISE[:200]})
    data = bytearray(path.read_bytes())
    data[60] ^= 0xFF
    path.write_bytes(data)
    assert only_error(path).item.endswith("x.zip!a.txt")


def test_an_archive_with_nothing_to_read_is_an_error(tmp_path):
    assert "holds nothing" in only_error(archive(tmp_path / "x.zip", {"a.png": b"x", "__MACOSX/a.txt": b"x"})).reason


@given(st.binary(max_size=300))
def test_any_bytes_named_zip_give_items_or_errors_and_never_raise(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("zip") / "x.zip"
    path.write_bytes(data)
    assert list(items([str(path)], OPTIONS))


@given(st.integers(0, 250), st.integers(0, 255))
def test_an_archive_with_any_byte_changed_never_raises(tmp_path_factory, at, value):
    path = archive(tmp_path_factory.mktemp("zip") / "x.zip", {"a.txt": zlib.compress(b"abc" * 9), "b.txt": b"Text."})
    data = bytearray(path.read_bytes())
    data[at % len(data)] = value
    path.write_bytes(data)
    assert list(items([str(path)], OPTIONS))


@pytest.mark.parametrize("address", ["ftp://example.org/a.txt", "file:///etc/passwd", "javascript://x"])
def test_other_schemes_are_refused(address):
    assert "http or https" in only_error(address).reason


def test_the_total_counts_files_members_and_bad_paths(tmp_path):
    write(tmp_path / "f" / "a.txt")
    write(tmp_path / "f" / "b.txt")
    path = archive(tmp_path / "x.zip", {"a.txt": b"A.", "b.txt": b"B.", "c.png": b"C"})
    assert total([str(tmp_path / "f"), str(path), str(tmp_path / "none")]) == 5


def test_the_total_is_unknown_with_an_address():
    assert total(["https://example.org/feed"]) is None


def test_sizes_are_told_as_a_person_reads_them():
    assert (mebibytes(999), mebibytes(200 << 20)) == ("999 bytes", "200.0 MiB")
