#include "os/credential.h"

static const struct str PREFIX = {"credential:", 11};

bool
credential_is(struct str path)
{
	return str_starts(path, PREFIX);
}

enum err_code
credential_path(struct str path, char *out, size_t size, struct err *err)
{
	struct str name = str_slice(path, PREFIX.len, path.len);
	const char *folder = NULL;
	int len = 0;

	if (credential_is(path)) {
		/* NOLINTNEXTLINE(concurrency-mt-unsafe): nobody sets it. */
		folder = getenv("CREDENTIALS_DIRECTORY");
		if (name.len == 0 || str_find_byte(name, '/', 0) < name.len ||
		    str_eq(name, STR("..")) || str_eq(name, STR(".")))
			return err_sayf(err, ERR_CONFIG,
			    "%.*s names no credential; allowed: "
			    "credential:NAME, as in LoadCredential=NAME:PATH "
			    "of the systemd unit",
			    STR_ARG(str_slice(path, 0, 60)));
		len = snprintf(out, size, "%s/%.*s",
		    folder != NULL && folder[0] != '\0' ? folder
		                                        : CREDENTIAL_FOLDER,
		    STR_ARG(name));
	} else {
		len = snprintf(out, size, "%.*s", STR_ARG(path));
	}
	return len >= 0 && (size_t)len < size
	           ? ERR_OK
	           : err_sayf(err, ERR_CONFIG, "a path is too long");
}
