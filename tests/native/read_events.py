"""Reads the event files of a run folder, knowing nothing of the program that wrote them: TFRecord framing with its
checksums, and protobuf's wire format. Prints scalars and pictures as JSON, and the hashes of samples/*.png."""

import glob
import hashlib
import json
import os
import struct
import sys


def table_row(value):
    for _ in range(8):
        value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
    return value


TABLE = [table_row(value) for value in range(256)]


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = TABLE[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


def masked(data):
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def records(path):
    data = open(path, "rb").read()
    at = 0
    while at < len(data):
        (length,) = struct.unpack_from("<Q", data, at)
        assert struct.unpack_from("<I", data, at + 8)[0] == masked(data[at : at + 8]), f"{path}: length at {at}"
        event = data[at + 12 : at + 12 + length]
        assert len(event) == length, f"{path}: cut off at {at}"
        assert struct.unpack_from("<I", data, at + 12 + length)[0] == masked(event), f"{path}: event at {at}"
        yield event
        at += 16 + length


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def fields(data):
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        wire = key & 7
        if wire == 0:
            value, at = varint(data, at)
        elif wire == 1:
            value, at = struct.unpack_from("<d", data, at)[0], at + 8
        elif wire == 5:
            value, at = struct.unpack_from("<f", data, at)[0], at + 4
        else:
            assert wire == 2, f"wire type {wire}"
            length, at = varint(data, at)
            value, at = data[at : at + length], at + length
        yield key >> 3, value


def main(folder):
    scalars, pictures, starts = [], [], []
    for path in sorted(glob.glob(os.path.join(folder, "*tfevents*"))):
        for number, event in enumerate(records(path)):
            parts = dict(fields(event))
            assert parts[1] > 1.5e9, "the time is no date"
            step = parts.get(2, 0)
            if number == 0:
                assert parts[3] == b"brain.Event:2", parts
            if 7 in parts:
                assert dict(fields(parts[7]))[1] == 1, "a session that does not start"
                starts.append(step)
            for field, value in fields(parts.get(5, b"")):
                assert field == 1
                value = dict(fields(value))
                tag = value[1].decode()
                if 2 in value:
                    scalars.append([step, tag, value[2]])
                if 4 in value:
                    image = dict(fields(value[4]))
                    png = image[4]
                    width, height, depth, colour = struct.unpack(">IIBB", png[16:26])
                    assert png[:8] == b"\x89PNG\r\n\x1a\n" and (width, height) == (image[2], image[1])
                    assert {0: 1, 2: 3}[colour] == image[3] and depth == 8
                    pictures.append([step, tag, hashlib.sha256(png).hexdigest()])
    samples = {
        os.path.basename(path): hashlib.sha256(open(path, "rb").read()).hexdigest()
        for path in glob.glob(os.path.join(folder, "samples", "*.png"))
    }
    print(json.dumps({"scalars": scalars, "pictures": pictures, "starts": starts, "samples": samples}))


main(sys.argv[1])
