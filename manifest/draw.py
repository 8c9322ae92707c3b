"""Draw the icons: each SVG of ``icons/`` becomes the PNG beside it (``python -m manifest.draw``)."""

from pathlib import Path

from resvg_py import svg_to_bytes

from manifest.composition import HOME


def draw(drawing: Path) -> bytes:
    """Render a drawing without any text at its own size; gives a PNG."""
    return bytes(svg_to_bytes(svg_string=drawing.read_text(encoding="utf-8"), skip_system_fonts=True))


def main() -> None:
    """Draw every icon anew."""
    for drawing in sorted((HOME / "icons").glob("*.svg")):
        drawing.with_suffix(".png").write_bytes(draw(drawing))


if __name__ == "__main__":
    main()
