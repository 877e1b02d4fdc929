#include "configure.h"

#include <stddef.h>

#include "ini.h"
#include "ini_write.h"
#include "net/net_tls.h"
#include "os/file.h"

#define ARENA_BYTES ((size_t)16 << 20)

/* Macro because it must be a constant of a table. */
#define AT(member) offsetof(struct options, member)

static const struct row {
	const char *key;
	size_t at; /* of a const char * */
	bool is_path;
} ROWS[] = {
    {"EnableSSL", AT(enable_ssl), false},
    {"ForceSSL", AT(force_ssl), false},
    {"MinProtocol", AT(protocol), false},
    {"EncryptionStrength", AT(strength), false},
    {"CipherList", AT(ciphers), false},
    {"CipherSuites", AT(suites), false},
    {"VerifyClient", AT(verify_client), false},
    {"TrustStore", AT(trust_store), true},
    {"KeyPasswordFile", AT(password_file), true},
};

static enum err_code
add(struct configure_edits *out, const char *key, const char *value,
    struct arena *arena, struct err *err)
{
	struct str text = str_dup(arena, str_c(value));

	if (text.ptr == NULL && value[0] != '\0')
		return err_set(err, ERR_NO_MEMORY, "Out of memory.", NULL);
	ensure(out->count < CONFIGURE_EDITS_MAX);
	out->edits[out->count++] =
	    (struct ini_edit){STR("SSL"), str_c(key), text};
	return ERR_OK;
}

/* An empty one takes the file away: it stays empty. */
static enum err_code
add_path(struct configure_edits *out, const char *key, const char *path,
    struct arena *arena, struct err *err)
{
	char absolute[PATH_BYTES] = "";
	enum err_code rc =
	    path[0] != '\0' ? path_absolute(path, absolute, err) : ERR_OK;

	return rc == ERR_OK ? add(out, key, absolute, arena, err) : rc;
}

/* OpenSSL knows its words; the ini file's parser does not. */
static enum err_code
check_lists(const struct options *options, struct err *err)
{
	const struct net_tls_policy policy = {.strength = NET_TLS_CUSTOM,
	    .cipher_list = options->ciphers,
	    .cipher_suites = options->suites};

	if (options->ciphers == NULL && options->suites == NULL)
		return ERR_OK;
	return net_tls_policy_check(&policy, err) == ERR_OK ? ERR_OK
	                                                    : ERR_INPUT;
}

/* A list without --strength is meant to count. */
static const char *
value_of(const struct options *options, const struct row *row)
{
	const char *const *place =
	    (const char *const *)(const void *)((const char *)options +
	                                        row->at);
	bool has_list = options->ciphers != NULL || options->suites != NULL;

	if (*place == NULL && row->at == AT(strength) && has_list)
		return "custom";
	return *place;
}

enum err_code
configure_edits(const struct options *options, struct arena *arena,
    struct configure_edits *out, struct err *err)
{
	enum err_code rc = check_lists(options, err);

	*out = (struct configure_edits){.count = 0};
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]) && rc == ERR_OK;
	     i++) {
		const char *value = value_of(options, &ROWS[i]);

		if (value != NULL && ROWS[i].is_path)
			rc = add_path(out, ROWS[i].key, value, arena, err);
		else if (value != NULL)
			rc = add(out, ROWS[i].key, value, arena, err);
	}
	if (rc == ERR_OK && options->out_path[0] != '\0')
		rc =
		    add_path(out, "Certificate", options->out_path, arena, err);
	if (rc == ERR_OK && options->key_path[0] != '\0')
		rc = add_path(out, "PrivateKey", options->key_path, arena, err);
	return rc;
}

/* To be made next; but a word about it is in place. */
static void
say_missing(const struct configure_edits *edits, struct buf *out)
{
	for (size_t i = 0; i < edits->count; i++) {
		struct str value = edits->edits[i].value;

		if (str_starts(value, STR("/")) && !file_exists(value.ptr))
			buf_addf(out,
			    "note %.*s is not there yet: the server needs "
			    "it.\n",
			    STR_ARG(value));
	}
}

static enum err_code
run(const struct options *options, struct arena *arena, struct ini_write *write,
    struct buf *out, struct err *err)
{
	struct configure_edits edits;
	const char *path = options->config != NULL ? options->config : INI_PATH;
	enum err_code rc = configure_edits(options, arena, &edits, err);

	for (size_t i = 0; options->host != NULL && i < edits.count; i++)
		edits.edits[i].section =
		    str_printf(arena, "Host %s", options->host);
	if (rc == ERR_OK)
		rc = ini_write_begin(write, path, false, arena, err);
	if (rc == ERR_OK)
		rc = ini_write_edit(write, edits.edits, edits.count, err);
	if (rc == ERR_OK)
		rc = ini_write_try(write, out, err);
	if (rc != ERR_OK)
		return rc;
	say_missing(&edits, out);
	rc = ini_write_save(write, out, err);
	if (rc == ERR_OK && !str_eq(write->before, write->after)) {
		buf_add_c(out, "\nNext:\n");
		ini_write_next(write, out);
	}
	return rc;
}

enum err_code
configure_run(const struct options *options, struct buf *out, struct err *err)
{
	CLEANUP(arena_free_at) struct arena *arena = arena_new(ARENA_BYTES);
	CLEANUP(ini_write_end) struct ini_write write = {.mode = 0};

	if (arena == NULL)
		return err_set(err, ERR_NO_MEMORY, "Out of memory.", NULL);
	return run(options, arena, &write, out, err);
}
