#include "configure.h"

#include <stddef.h>

#include "ini.h"
#include "ini_write.h"
#include "net/net_tls.h"
#include "os/credential.h"
#include "os/file.h"

#define ARENA_BYTES ((size_t)16 << 20)

/* Macro because it must be a constant of a table. */
#define AT(member) offsetof(struct options, member)

enum kind {
	IS_WORD, /* a const char *, NULL: not said */
	IS_FILE, /* the same, made absolute */
	IS_PLACE /* a char[], empty: not said; made absolute */
};

static const struct row {
	const char *section;
	const char *key;
	size_t at;
	enum kind kind;
} ROWS[] = {
    {"SSL", "EnableSSL", AT(enable_ssl), IS_WORD},
    {"SSL", "ForceSSL", AT(force_ssl), IS_WORD},
    {"SSL", "MinProtocol", AT(protocol), IS_WORD},
    {"SSL", "EncryptionStrength", AT(strength), IS_WORD},
    {"SSL", "CipherList", AT(ciphers), IS_WORD},
    {"SSL", "CipherSuites", AT(suites), IS_WORD},
    {"SSL", "VerifyClient", AT(verify_client), IS_WORD},
    {"SSL", "TrustStore", AT(trust_store), IS_FILE},
    {"SSL", "Certificate", AT(out_path), IS_PLACE},
    {"SSL", "PrivateKey", AT(key_path), IS_PLACE},
    {"SSL", "KeyPasswordFile", AT(password_file), IS_FILE},
    {"Server", "AcmeWebroot", AT(acme_webroot), IS_FILE},
    {"Mail", "MailTrustStore", AT(mail_trust_store), IS_FILE},
};

/* An empty path takes the file away: it stays empty. */
static enum err_code
add(struct configure_edits *out, const struct row *row, const char *value,
    struct arena *arena, struct err *err)
{
	char absolute[PATH_BYTES] = "";
	enum err_code rc = ERR_OK;

	if (row->kind != IS_WORD && value[0] != '\0' &&
	    !credential_is(str_c(value))) {
		rc = path_absolute(value, absolute, err);
		value = absolute;
	}
	if (rc != ERR_OK)
		return rc;
	const char *text = str_dup_c(arena, str_c(value));
	if (text == NULL)
		return err_set(err, ERR_NO_MEMORY, "Out of memory.", NULL);
	ensure(out->count < CONFIGURE_EDITS_MAX);
	out->edits[out->count++] = (struct ini_edit){
	    str_c(row->section), str_c(row->key), str_c(text)};
	return ERR_OK;
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

/* NULL: not said. A list without --strength is meant to count. */
static const char *
value_of(const struct options *options, const struct row *row)
{
	const char *place = (const char *)options + row->at;
	bool has_list = options->ciphers != NULL || options->suites != NULL;
	const char *value = NULL;

	if (row->kind == IS_PLACE)
		return place[0] != '\0' ? place : NULL;
	memcpy(&value, place, sizeof(value));
	if (value == NULL && row->at == AT(strength) && has_list)
		return "custom";
	return value;
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

		if (value != NULL)
			rc = add(out, &ROWS[i], value, arena, err);
	}
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
