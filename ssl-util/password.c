#include "password.h"

#include <sys/stat.h>
#include <unistd.h>

#include "key.h"
#include "load.h"
#include "os/credential.h"
#include "os/file.h"
#include "own.h"
#include "path.h"

/* Whole paths: those of the ini file start at its own folder. */
static void
say_next(const struct options *options, struct buf *out)
{
	const char *word = options->new_password_file;
	char whole[PATH_BYTES] = "";
	struct err ignored = ERR_NONE;

	if (options->remove) {
		buf_addf(out,
		    "The key %s has no password now.\n\nIn iwebmsg.ini, "
		    "section [SSL], take KeyPasswordFile out:\n  iwebmsg-ssl "
		    "configure --password-file \"\"\nthen systemctl reload "
		    "iwebmsg\n",
		    options->key_path);
		return;
	}
	if (credential_is(str_c(word)))
		(void)snprintf(whole, sizeof(whole), "%s", word);
	else
		err_ignore(path_absolute(word, whole, &ignored));
	buf_addf(out,
	    "The key %s is encrypted with the password in %s.\n\n"
	    "In iwebmsg.ini, section [SSL]:\n  KeyPasswordFile=%s\n"
	    "which iwebmsg-ssl configure --password-file %s writes; then "
	    "systemctl reload iwebmsg\n",
	    options->key_path, word, whole, whole);
}

enum err_code
password_run(const struct options *options, struct buf *out, struct err *err)
{
	CLEANUP(secret_end) struct secret before = {.ptr = NULL};
	CLEANUP(secret_end) struct secret after = {.ptr = NULL};
	CLEANUP(key_free) EVP_PKEY *key = NULL;
	CLEANUP(own_bio_free) BIO *bio = NULL;
	struct stat old = {.st_uid = 0};
	struct str pem;
	enum err_code rc = load_password(options->password_file, &before, err);

	if (rc == ERR_OK)
		rc = load_password(options->new_password_file, &after, err);
	if (rc == ERR_OK)
		rc = load_key(options->key_path, &before, &key, err);
	if (rc == ERR_OK && stat(options->key_path, &old) != 0)
		rc = file_fail(err, "read", options->key_path);
	if (rc == ERR_OK)
		rc = key_pem(key, &after, &bio, &pem, err);
	/* No backup: the old file would open with the old password. */
	if (rc == ERR_OK)
		rc = file_replace(options->key_path, pem, 0600, err);
	if (rc == ERR_OK && old.st_uid != geteuid() &&
	    chown(options->key_path, old.st_uid, old.st_gid) != 0)
		rc = file_fail(err, "give to its owner", options->key_path);
	if (rc == ERR_OK)
		say_next(options, out);
	return rc;
}
