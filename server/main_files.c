#include "main_files.h"

#include "base/limits.h"
#include "main_bundle.h"
#include "os/file.h"

/* What to do about a file that is not there, by the end of its key. */
static const struct {
	const char *key;
	const char *mend;
} missing[] = {
    {"Certificate", "; iwebmsg-ssl selfsigned makes certificate and key"},
    {"PrivateKey", "; iwebmsg-ssl selfsigned makes certificate and key"},
    {"TrustStore", "; iwebmsg-ssl trust add makes it"},
    {"MailTrustStore", "; iwebmsg-ssl trust add makes it"},
    {"KeyPasswordFile", "; iwebmsg-ssl password makes it"},
    {"ClientCRL", "; iwebmsg-ssl ca crl makes it for an authority of yours"},
};

static const char *
mend_of(const char *name)
{
	for (size_t i = 0; i < sizeof(missing) / sizeof(missing[0]); i++)
		if (strcmp(missing[i].key, name) == 0)
			return missing[i].mend;
	return "";
}

enum err_code
main_files_fail(const struct config *cfg, const struct config_site *site,
    const char *name, enum err_code rc, struct err *err)
{
	uint32_t line = config_line_of_site(cfg, site, str_c(name));
	struct err inner = *err;
	char place[16] = "";

	if (rc == ERR_NO_MEMORY)
		return rc;
	if (line != 0)
		(void)snprintf(place, sizeof(place), ":%u", line);
	return err_sayf(err, ERR_CONFIG, "%s%s: %s: %s%s", cfg->path.ptr, place,
	    name, inner.message, rc == ERR_NOT_FOUND ? mend_of(name) : "");
}

enum err_code
main_files_init(struct main_files *files, const struct main_door *door,
    const struct config *cfg, struct err *err)
{
	*files = (struct main_files){
	    .door = door, .cfg = cfg, .arena = arena_new(LIMIT_ARENA_BYTES)};
	if (files->arena == NULL)
		return err_set(err, ERR_NO_MEMORY, "out of memory", NULL);
	return ERR_OK;
}

void
main_files_end(struct main_files *files)
{
	for (struct main_file *file = files->first; file != NULL;
	     file = file->next)
		secret_end(&file->secret);
	for (size_t i = 0; i < files->server_count; i++)
		mail_server_unref(files->servers[i]);
	arena_free(files->arena);
	*files = (struct main_files){0};
}

static bool
is_secret(enum main_file_kind kind)
{
	return kind == MAIN_FILE_KEY || kind == MAIN_FILE_PASSWORD;
}

/* The first line of the file, as the manual says. */
static enum err_code
keep_first_line(struct secret *secret, struct err *err)
{
	CLEANUP(secret_end) struct secret whole = *secret;
	struct str rest = secret_str(&whole);

	*secret = (struct secret){0};
	rest = str_cut(&rest, '\n');
	if (str_ends(rest, STR("\r")))
		rest = str_slice(rest, 0, rest.len - 1);
	return secret_init(secret, rest, err);
}

static enum err_code
read_secret(int fd, struct main_file *file, struct err *err)
{
	enum err_code rc = ERR_OK;

	if (file_is_open_to_others(fd))
		return err_sayf(err, ERR_CONFIG,
		    "%s may be read by others; mend it with: chmod o= %s",
		    file->path.ptr, file->path.ptr);
	rc = file_read_secret_fd(fd, MAIN_PEM_BYTES, &file->secret, err);
	if (rc == ERR_OK && file->kind == MAIN_FILE_PASSWORD)
		rc = keep_first_line(&file->secret, err);
	return rc;
}

static enum err_code
read_text(
    struct main_files *files, int fd, struct main_file *file, struct err *err)
{
	enum err_code rc =
	    file_read_fd(fd, MAIN_PEM_BYTES, files->arena, &file->text, err);

	if (rc != ERR_OK)
		return rc;
	if (file->kind == MAIN_FILE_CRL)
		file->text =
		    main_bundle_pem(files->arena, file->text, "X509 CRL");
	else if (file->kind != MAIN_FILE_BYTES)
		file->text =
		    main_bundle_pem(files->arena, file->text, "CERTIFICATE");
	return ERR_OK;
}

static enum err_code
read_file(struct main_files *files, struct main_file *file, struct err *err)
{
	CLEANUP(file_close) int fd = -1;
	enum err_code rc =
	    file->kind == MAIN_FILE_TRUST
	        ? main_door_trust(files->door, file->path, &fd, err)
	        : main_door_file(files->door, file->path, &fd, err);

	if (rc != ERR_OK)
		return rc;
	return is_secret(file->kind) ? read_secret(fd, file, err)
	                             : read_text(files, fd, file, err);
}

static struct main_file *
find(const struct main_files *files, const struct main_file_key *key)
{
	struct main_file *file = files->first;

	while (file != NULL &&
	       (file->kind != key->kind || !str_eq(file->path, key->path)))
		file = file->next;
	return file;
}

enum err_code
main_files_read(struct main_files *files, const struct main_file_key *key,
    const struct main_file **out, struct err *err)
{
	static const struct main_file nothing = {.path = {"", 0}};
	struct main_file *file = find(files, key);
	enum err_code rc = ERR_OK;

	*out = &nothing;
	if (str_is_empty(key->path))
		return ERR_OK;
	if (file == NULL) {
		file = ARENA_ARRAY(files->arena, 1, struct main_file);
		if (file == NULL)
			return err_set(
			    err, ERR_NO_MEMORY, "out of memory", NULL);
		file->path = key->path;
		file->kind = key->kind;
		rc = read_file(files, file, err);
		if (rc != ERR_OK) {
			secret_end(&file->secret);
			return main_files_fail(
			    files->cfg, key->site, key->name, rc, err);
		}
		file->next = files->first;
		files->first = file;
	}
	*out = file;
	return ERR_OK;
}
