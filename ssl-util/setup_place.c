#include "ini.h"
#include "os/credential.h"
#include "setup_inside.h"

/* "/x/server.pem" and ".csr" give "/x/server.csr". */
static enum err_code
beside(
    const char *path, const char *suffix, char out[PATH_BYTES], struct err *err)
{
	struct str stem = str_c(path);
	static const char *const ends[] = {".pem", ".crt", ".cer", ".key"};

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (str_ends(stem, str_c(ends[i]))) {
			stem = str_slice(stem, 0, stem.len - 4);
			break;
		}
	int len = snprintf(out, PATH_BYTES, "%.*s%s", STR_ARG(stem), suffix);
	return len > 0 && len < PATH_BYTES
	           ? ERR_OK
	           : err_sayf(err, ERR_LIMIT, "The path %s is too long.", path);
}

static bool
is_same_folder(const char *file, const char *folder)
{
	char of_file[PATH_BYTES];

	path_folder(file, of_file);
	return ini_is_same_file(of_file, folder);
}

/* What the ini file names; else NAME in the folder. */
static enum err_code
choose(const struct setup *setup, const char *key, struct str in_ini,
    const char *folder, char out[PATH_BYTES], struct err *err)
{
	bool is_certificate = str_eq(str_c(key), STR("Certificate"));
	int len = 0;

	if (in_ini.len == 0)
		len = snprintf(out, PATH_BYTES, "%s/%s", folder,
		    is_certificate ? "server.pem" : "server.key");
	else
		len = snprintf(out, PATH_BYTES, "%.*s", STR_ARG(in_ini));
	if (len < 0 || len >= PATH_BYTES)
		return err_sayf(err, ERR_LIMIT, "A path is too long.");
	if (setup->options->out_dir == NULL || is_same_folder(out, folder))
		return ERR_OK;
	return err_sayf(err, ERR_CONFIG,
	    "The server looks for %s=%s (%s), not in %s. Nothing was "
	    "written. Leave --out-dir out, or name other files first: "
	    "iwebmsg-ssl configure --cert FILE --key-file FILE",
	    key, out, setup->ini.path, folder);
}

/* --out-dir, else "ssl" beside the ini file. */
static enum err_code
default_folder(const struct setup *setup, char out[PATH_BYTES], struct err *err)
{
	char folder[PATH_BYTES];

	if (setup->options->out_dir != NULL)
		return path_absolute(setup->options->out_dir, out, err);
	path_folder(setup->ini.path, folder);
	int len = snprintf(out, PATH_BYTES, "%s/ssl", folder);
	return len < PATH_BYTES ? ERR_OK
	                        : err_sayf(err, ERR_LIMIT,
	                              "The path %s is too long.", folder);
}

static enum err_code
choose_password(struct setup *setup, struct str in_ini, struct err *err)
{
	const char *said = setup->options->password_file;
	char *out = setup->place.password;

	out[0] = '\0';
	if (said != NULL && credential_is(str_c(said))) {
		(void)snprintf(out, PATH_BYTES, "%s", said);
	} else if (said != NULL) {
		enum err_code rc = path_absolute(said, out, err);
		if (rc != ERR_OK)
			return rc;
	}
	if (in_ini.len == 0)
		return ERR_OK;
	if (said != NULL && !ini_is_same_file(out, in_ini.ptr))
		return err_sayf(err, ERR_CONFIG,
		    "The server takes the password from %s (KeyPasswordFile "
		    "in %s), not from %s. Nothing was written. Leave "
		    "--password-file out.",
		    in_ini.ptr, setup->ini.path, said);
	int len = snprintf(out, PATH_BYTES, "%.*s", STR_ARG(in_ini));
	return len < PATH_BYTES
	           ? ERR_OK
	           : err_sayf(err, ERR_LIMIT, "A path is too long.");
}

enum err_code
setup_place(struct setup *setup, struct err *err)
{
	const struct config *cfg =
	    setup->ini.old != NULL ? setup->ini.old : setup->ini.fresh;
	struct setup_place *place = &setup->place;
	char folder[PATH_BYTES];
	enum err_code rc = default_folder(setup, folder, err);

	if (rc == ERR_OK)
		rc = choose(setup, "Certificate", cfg->site.certificate, folder,
		    place->cert, err);
	if (rc == ERR_OK)
		rc = choose(setup, "PrivateKey", cfg->site.private_key, folder,
		    place->key, err);
	if (rc == ERR_OK)
		rc = beside(place->cert, ".csr", place->request, err);
	if (rc == ERR_OK)
		rc = choose_password(setup, cfg->site.key_password_file, err);
	if (rc == ERR_OK && (credential_is(str_c(place->cert)) ||
	                        credential_is(str_c(place->key))))
		return err_sayf(err, ERR_CONFIG,
		    "systemd keeps the key or the certificate (%s): setup "
		    "cannot write there. Nothing was written. Name files "
		    "first: iwebmsg-ssl configure --cert FILE --key-file FILE",
		    setup->ini.path);
	if (rc == ERR_OK && str_eq(str_c(place->cert), str_c(place->key)))
		rc = err_sayf(err, ERR_CONFIG,
		    "Key and certificate need two files; both are %s in %s.",
		    place->key, setup->ini.path);
	return rc;
}
