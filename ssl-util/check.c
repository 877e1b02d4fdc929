#include "check.h"

#include "chain.h"
#include "ini.h"
#include "judge.h"
#include "key.h"
#include "load.h"
#include "os/file.h"
#include "own.h"
#include "remote.h"

#define ARENA_BYTES ((size_t)16 << 20)
#define NAMES_MAX   32

struct check {
	struct report report;
	struct arena *arena;
	const char *cert; /* NULL: nobody says which */
	const char *key;
	const char *password_file;
	const char *root;
	const char *names[NAMES_MAX];
	size_t name_count;
};

static const char *
given(const char *path)
{
	return path[0] != '\0' ? path : NULL;
}

static void
add_name(struct check *check, const char *name)
{
	if (name != NULL && check->name_count < NAMES_MAX)
		check->names[check->name_count++] = name;
}

/* What was given by hand, beside what the server uses. */
static void
compare(struct check *check, const char *key_name, const char *by_hand,
    struct str in_ini, const struct config *cfg)
{
	if (by_hand == NULL ||
	    (in_ini.len > 0 && ini_is_same_file(by_hand, in_ini.ptr)))
		return;
	report_bad(&check->report, "ini", "%s does not point at %s but at %s",
	    cfg->path.ptr, by_hand, in_ini.len > 0 ? in_ini.ptr : "nothing");
	report_mend(&check->report, "in %s, section [SSL]: %s=%s",
	    cfg->path.ptr, key_name, by_hand);
}

static void
use_config(struct check *check, const struct config *cfg,
    const struct options *options)
{
	if (cfg->enable_ssl) {
		report_ok(&check->report, "ini", "%s opens the secure port",
		    cfg->path.ptr);
	} else {
		report_bad(&check->report, "ini",
		    "EnableSSL is not 1 in %s: the secure port stays closed",
		    cfg->path.ptr);
		report_mend(&check->report,
		    "in %s, section [SSL]: EnableSSL=1, then systemctl "
		    "reload iwebmsg",
		    cfg->path.ptr);
	}
	compare(check, "Certificate", given(options->out_path),
	    cfg->site.certificate, cfg);
	compare(check, "PrivateKey", given(options->key_path),
	    cfg->site.private_key, cfg);
	if (check->cert == NULL && cfg->site.certificate.len > 0)
		check->cert = str_dup_c(check->arena, cfg->site.certificate);
	if (check->key == NULL && cfg->site.private_key.len > 0)
		check->key = str_dup_c(check->arena, cfg->site.private_key);
	if (check->password_file == NULL && cfg->site.key_password_file.len > 0)
		check->password_file =
		    str_dup_c(check->arena, cfg->site.key_password_file);
	if (check->name_count > 0)
		return;
	add_name(check, ini_host_of(cfg->site.public_secure_url, check->arena));
	for (size_t i = 0; i < cfg->host_count; i++)
		add_name(check,
		    ini_host_of(cfg->hosts[i].public_secure_url, check->arena));
}

static void
check_ini(struct check *check, const struct options *options)
{
	const char *path = options->config != NULL ? options->config : INI_PATH;
	const struct config *cfg = NULL;
	struct config_notes notes;
	struct err err = ERR_NONE;
	enum err_code rc = ini_read(path, check->arena, &notes, &cfg, &err);

	for (size_t i = 0; i < notes.count; i++)
		if (notes.notes[i].is_error)
			report_bad(&check->report, "ini", "%.*s",
			    STR_ARG(notes.notes[i].text));
	if (rc != ERR_OK && check->report.problem_count == 0)
		report_bad(&check->report, "ini", "%s", err.message);
	if (rc != ERR_OK && notes.count > 0)
		report_mend(&check->report,
		    "change that in %s; iwebmsgd --check --config %s says more",
		    path, path);
	else if (rc != ERR_OK)
		report_mend(&check->report,
		    "name the file the server uses with --config FILE");
	else
		use_config(check, cfg, options);
	config_unref(cfg);
}

static void
check_open(struct check *check, const char *path)
{
	CLEANUP(file_close) int fd = -1;
	struct err err = ERR_NONE;

	if (file_open(path, &fd, &err) != ERR_OK)
		return; /* who reads it says so */
	if (file_is_open_to_others(fd)) {
		report_bad(
		    &check->report, "file", "%s may be read by others", path);
		report_mend(&check->report, "chmod 600 %s", path);
	} else {
		report_ok(
		    &check->report, "file", "%s is closed to others", path);
	}
}

static EVP_PKEY *
check_key(struct check *check)
{
	CLEANUP(secret_end) struct secret password = {.ptr = NULL};
	EVP_PKEY *key = NULL;
	struct err err = ERR_NONE;

	if (check->key == NULL)
		return NULL;
	check_open(check, check->key);
	enum err_code rc = load_password(check->password_file, &password, &err);
	if (rc == ERR_OK)
		rc = load_key(check->key, &password, &key, &err);
	if (rc == ERR_OK) {
		report_ok(&check->report, "key", "%s can be read%s", check->key,
		    check->password_file != NULL ? " with its password" : "");
		return key;
	}
	report_bad(&check->report, "key", "%s", err.message);
	if (rc == ERR_CONFIG)
		report_mend(&check->report,
		    "put the password on the first line of a file of mode "
		    "0600, name it with KeyPasswordFile= in the ini file and "
		    "with --password-file here");
	else
		report_mend(&check->report,
		    "name the right file with PrivateKey= in the ini file and "
		    "--key-file here, or make a new key: iwebmsg-ssl csr "
		    "--name NAME --key-file %s",
		    check->key);
	return NULL;
}

static void
mend_import(struct check *check)
{
	report_mend(&check->report,
	    "iwebmsg-ssl import %s --key-file %s --cert %s --force",
	    check->cert, check->key != NULL ? check->key : "KEY", check->cert);
}

/* Which certificate is the server's own; -1 when none fits the key. */
static int
check_match(struct check *check, const STACK_OF(X509) * certs, EVP_PKEY *key)
{
	int leaf = key != NULL ? chain_leaf_of(certs, key) : chain_leaf(certs);

	if (key == NULL)
		return leaf;
	if (leaf < 0) {
		report_bad(&check->report, "match",
		    "the key %s does not fit the certificate %s", check->key,
		    check->cert);
		report_mend(&check->report,
		    "find the key by its \"public key SHA-256\": iwebmsg-ssl "
		    "show %s FILES...; or ask for a certificate of this key: "
		    "iwebmsg-ssl csr --key-file %s --name NAME",
		    check->cert, check->key);
		return -1;
	}
	report_ok(&check->report, "match", "key and certificate fit");
	return leaf;
}

static void
check_order(struct check *check, const STACK_OF(X509) * certs,
    const STACK_OF(X509) * ordered)
{
	int count = sk_X509_num(certs);
	bool is_same = true;

	for (int i = 0; i < sk_X509_num(ordered); i++)
		if (i >= count || X509_cmp(sk_X509_value(certs, i),
		                      sk_X509_value(ordered, i)) != 0)
			is_same = false;
	if (!is_same) {
		report_bad(&check->report, "order",
		    "%s must hold the server's certificate first, then its "
		    "issuer, and so on",
		    check->cert);
		mend_import(check);
		return;
	}
	report_ok(&check->report, "order", "leaf first, then its issuers");
	if (count > sk_X509_num(ordered))
		report_note(&check->report, "order",
		    "%d more certificates in %s are not needed (roots are "
		    "known to browsers); import leaves them out",
		    count - sk_X509_num(ordered), check->cert);
}

static enum err_code
check_certs(struct check *check, EVP_PKEY *key, struct err *err)
{
	CLEANUP(load_found_free) struct load_found found = {.certs = NULL};
	CLEANUP(own_certs_free) STACK_OF(X509) *ordered = NULL;
	struct err why = ERR_NONE;

	if (load_certs(check->cert, NULL, &found, &why) != ERR_OK) {
		report_bad(&check->report, "certificate", "%s", why.message);
		report_mend(&check->report,
		    "name the right file with Certificate= in the ini file "
		    "and --cert here, or begin with iwebmsg-ssl selfsigned "
		    "--name NAME");
		return ERR_OK;
	}
	if (found.form != LOAD_PEM) {
		report_bad(&check->report, "certificate",
		    "%s is not in PEM form, which the server needs",
		    check->cert);
		mend_import(check);
	}
	int leaf = check_match(check, found.certs, key);
	if (leaf < 0)
		leaf = chain_leaf(found.certs);
	enum err_code rc = chain_order(found.certs, leaf, &ordered, err);
	if (rc != ERR_OK)
		return rc;
	check_order(check, found.certs, ordered);
	struct judge judge = {.report = &check->report,
	    .cert_path = check->cert,
	    .key_path = check->key != NULL ? check->key : "KEY",
	    .root = check->root,
	    .all = found.certs};
	if (check->name_count == 0)
		report_note(&check->report, "name",
		    "not looked at: say --name NAME, or PublicSecureURL= in "
		    "the ini file");
	else
		judge.name = check->names[0];
	for (size_t i = 1; i < check->name_count; i++)
		judge_name(&judge, sk_X509_value(ordered, 0), check->names[i]);
	return judge_all(&judge, ordered, err);
}

enum err_code
check_run(const struct options *options, struct buf *out, struct err *err)
{
	CLEANUP(arena_free_at) struct arena *arena = arena_new(ARENA_BYTES);
	CLEANUP(key_free) EVP_PKEY *key = NULL;
	struct check check = {.report = {.out = out},
	    .arena = arena,
	    .cert = given(options->out_path),
	    .key = given(options->key_path),
	    .password_file = options->password_file,
	    .root = options->root};
	enum err_code rc = ERR_OK;

	if (options->file_count > 0)
		return remote_run(options, out, err);
	if (arena == NULL)
		return err_set(err, ERR_NO_MEMORY, "Out of memory.", NULL);
	add_name(&check, str_dup_c(arena, options->name));
	if (options->name.len == 0)
		check.name_count = 0;
	if (options->config != NULL || check.cert == NULL)
		check_ini(&check, options);
	if (check.password_file != NULL)
		check_open(&check, check.password_file);
	key = check_key(&check);
	if (check.cert != NULL)
		rc = check_certs(&check, key, err);
	if (rc != ERR_OK || check.report.problem_count == 0)
		return rc;
	return err_sayf(err, ERR_CONFIG,
	    "%zu finding(s) above marked BAD want mending.",
	    check.report.problem_count);
}
