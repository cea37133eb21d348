"""The JSON of the platform's administrators, below /api/v1/admin/, and what everybody may read of it."""
