"""Images in object stores and behind http, by fsspec: addresses such as `s3://bucket/folder`; the extra `podoba[scale]`."""
