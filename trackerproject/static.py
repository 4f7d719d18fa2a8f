"""How static files are stored: hashed names, and packed by gzip once, when they are collected."""

from typing import Any

from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # the library is not annotated
    """Packs by gzip alone: brotli would save a tenth of the bytes and take ten times as long at the first start."""

    def create_compressor(self, **kwargs: Any) -> Compressor:
        """Return the packer."""
        return Compressor(**{**kwargs, "use_brotli": False})
