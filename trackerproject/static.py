"""How static files are stored: without their comments, under hashed names, and packed once, when they are collected."""

from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile, File
from rcssmin import cssmin
from rjsmin import jsmin
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

OWN = {"css", "js", "vendor"}  # the folders that every reader's pages load from
SHORTER = {"css": cssmin, "js": jsmin}  # our own folders; what is vendored stays as it was published


class Packer(Compressor):  # type: ignore[misc]  # the library is not annotated
    """Packs by gzip, and what every reader loads by brotli too.

    Brotli saves a tenth of the bytes and takes ten times as long: for the libraries of the admin and of the API's
    description that would be half a minute at the first start, for a few that look at them.
    """

    def __init__(self, folder: Path, **options: Any) -> None:
        super().__init__(**{**options, "use_brotli": False})
        self.folder = folder
        self.tight = Compressor(**options)

    def compress(self, path: str) -> list[str]:
        """Write the packed files beside a file; returns their paths."""
        own = Path(path).relative_to(self.folder).parts[0] in OWN
        packed: list[str] = self.tight.compress(path) if own else super().compress(path)
        return packed


class HashedFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # the library is not annotated
    """Stores files under hashed names, packed; our own without comments and indentation, a quarter of their weight."""

    def _save(self, name: str, content: "File[Any]") -> str:
        shorten = SHORTER.get(Path(name).parts[0])
        if shorten is not None and name.endswith((".css", ".js")):
            content.seek(0)  # whoever made its hash has read it to the end
            content = ContentFile(shorten(content.read().decode()).encode())
        return str(super()._save(name, content))

    def create_compressor(self, **options: Any) -> Compressor:
        """Return the packer."""
        return Packer(Path(self.location), **options)
