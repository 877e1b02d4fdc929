#include "trust.h"

#include "chain.h"
#include "ini.h"
#include "key.h"
#include "load.h"
#include "os/file.h"
#include "own.h"
#include "trust_cert.h"

#define ARENA_BYTES ((size_t)64 << 20)
#define FILE_BYTES  ((size_t)4 << 20)

void
trust_end(struct trust *trust)
{
	trust_store_end(&trust->store);
	config_unref(trust->cfg);
	arena_free(trust->arena);
	*trust = (struct trust){.arena = NULL};
}

static enum err_code
find_site(const struct options *options, struct trust *trust, struct err *err)
{
	const struct config *cfg = trust->cfg;

	trust->site = &cfg->site;
	if (options->host == NULL)
		return ERR_OK;
	for (size_t i = 0; i < cfg->host_count; i++)
		if (str_eq_nocase(cfg->hosts[i].host, str_c(options->host))) {
			trust->site = &cfg->hosts[i];
			return ERR_OK;
		}
	return err_sayf(err, ERR_CONFIG,
	    "%s has no section [Host %s]. Nothing was changed.", cfg->path.ptr,
	    options->host);
}

static enum err_code
say_no_store(
    const struct options *options, const struct trust *trust, struct err *err)
{
	return err_sayf(err, ERR_CONFIG,
	    "%s names no %s=. Nothing was changed. Name one first: "
	    "iwebmsg-ssl configure --%s FILE%s%s --config %s",
	    trust->cfg->path.ptr,
	    trust->is_mail ? "MailTrustStore" : "TrustStore",
	    trust->is_mail ? "mail-trust-store" : "trust-store",
	    options->host != NULL ? " --host " : "",
	    options->host != NULL ? options->host : "", trust->cfg->path.ptr);
}

static enum err_code
read_ini(const struct options *options, struct trust *trust, struct err *err)
{
	const char *path = options->config != NULL ? options->config : INI_PATH;
	struct config_notes notes;
	enum err_code rc =
	    ini_read(path, trust->arena, &notes, &trust->cfg, err);

	if (rc != ERR_OK && notes.count > 0)
		return err_sayf(
		    err, ERR_CONFIG, "%.*s", STR_ARG(notes.notes[0].text));
	if (rc == ERR_OK)
		rc = find_site(options, trust, err);
	if (rc != ERR_OK)
		return rc;
	struct str store = trust->is_mail ? trust->site->mail_trust_store
	                                  : trust->site->trust_store;
	if (store.len == 0)
		return say_no_store(options, trust, err);
	trust->path = store.ptr;
	return ERR_OK;
}

enum err_code
trust_open(const struct options *options, struct trust *out, struct err *err)
{
	enum err_code rc = ERR_OK;

	*out = (struct trust){.arena = arena_new(ARENA_BYTES),
	    .is_mail = str_eq(str_c(options->store), STR("mail")),
	    .path = options->file};
	if (out->arena == NULL)
		return err_set(err, ERR_NO_MEMORY, "Out of memory.", NULL);
	if (options->file == NULL)
		rc = read_ini(options, out, err);
	if (rc != ERR_OK)
		return rc;
	return trust_store_read(out->path, out->arena, &out->store, err);
}

void
trust_say_next(const struct trust *trust, struct buf *out)
{
	if (trust->cfg != NULL)
		buf_add_c(out, "\nNext:\n  systemctl reload iwebmsg\n");
	else
		buf_addf(out,
		    "\nIn iwebmsg.ini, section [%s]:\n  %s=%s\nthen systemctl "
		    "reload iwebmsg\n",
		    trust->is_mail ? "Mail" : "SSL",
		    trust->is_mail ? "MailTrustStore" : "TrustStore",
		    trust->store.path);
}

enum err_code
trust_may_add(X509 *cert, const char *name, struct err *err)
{
	EVP_PKEY *key = X509_get0_pubkey(cert);

	if (trust_cert_kind(cert) == TRUST_CERT_NEITHER)
		return err_sayf(err, ERR_INPUT,
		    "%s is neither an authority nor signed by itself. Add "
		    "the authority that signed it.",
		    name);
	if (X509_cmp_current_time(X509_get0_notAfter(cert)) < 0)
		return err_sayf(err, ERR_INPUT,
		    "%s is expired: nobody could be trusted by it. Get its "
		    "successor.",
		    name);
	if (key_is_weak(key))
		return err_sayf(err, ERR_INPUT,
		    "%s has a key too weak for use today (RSA needs %d bits).",
		    name, KEY_RSA_BITS_MIN);
	return ERR_OK;
}

static enum err_code
say_key(const char *path, struct err *err)
{
	return err_sayf(err, ERR_INPUT,
	    "%s holds a private key, which does not belong into a trust "
	    "store. Take its certificate alone: iwebmsg-ssl export --cert %s "
	    "--out FILE",
	    path, path);
}

/* A key does not belong where others read. */
static enum err_code
refuse_key(const char *path, struct err *err)
{
	CLEANUP(secret_end) struct secret bytes = {.ptr = NULL};
	CLEANUP(file_close) int fd = -1;
	enum err_code rc = file_open(path, &fd, err);

	if (rc == ERR_OK)
		rc = file_read_secret_fd(fd, FILE_BYTES, &bytes, err);
	if (rc != ERR_OK)
		return rc;
	struct str text = secret_str(&bytes);
	return str_find(text, STR("PRIVATE KEY-----"), 0) < text.len
	           ? say_key(path, err)
	           : ERR_OK;
}

/* What is new of one file goes to `fresh`. */
static enum err_code
take_file(const struct trust *trust, const char *path, STACK_OF(X509) * fresh,
    struct buf *out, struct err *err)
{
	CLEANUP(load_found_free) struct load_found found = {.certs = NULL};
	enum err_code rc = refuse_key(path, err);

	if (rc == ERR_OK)
		rc = load_certs(path, NULL, &found, err);
	if (rc == ERR_OK && found.key != NULL)
		rc = say_key(path, err);
	for (int i = 0; rc == ERR_OK && i < sk_X509_num(found.certs); i++) {
		X509 *cert = sk_X509_value(found.certs, i);
		int at = trust_store_find(&trust->store, cert);

		buf_addf(out, "%s\n", path);
		trust_cert_say(cert, "  ", out);
		if (at >= 0) {
			buf_addf(
			    out, "  It is there already: number %d.\n", at + 1);
			continue;
		}
		rc = trust_may_add(cert, path, err);
		if (rc == ERR_OK &&
		    X509_add_cert(fresh, cert,
		        X509_ADD_FLAG_UP_REF | X509_ADD_FLAG_NO_DUP) != 1)
			rc = key_fail("take the certificates", err);
	}
	return rc;
}

enum err_code
trust_add(const struct options *options, struct buf *out, struct err *err)
{
	CLEANUP(trust_end) struct trust trust = {.arena = NULL};
	CLEANUP(own_certs_free) STACK_OF(X509) *fresh = sk_X509_new_null();
	enum err_code rc = trust_open(options, &trust, err);

	if (rc == ERR_OK && fresh == NULL)
		rc = key_fail("take the certificates", err);
	for (size_t i = 0; i < options->file_count && rc == ERR_OK; i++)
		rc = take_file(&trust, options->files[i], fresh, out, err);
	if (rc != ERR_OK)
		return rc;
	if (sk_X509_num(fresh) == 0)
		return err_sayf(err, ERR_INPUT,
		    "Nothing was added: all of it is in %s already.",
		    trust.store.path);
	rc = trust_store_add(&trust.store, fresh, err);
	if (rc != ERR_OK)
		return rc;
	buf_addf(
	    out, "\nAdded to %s: %d\n", trust.store.path, sk_X509_num(fresh));
	trust_say_next(&trust, out);
	return ERR_OK;
}

/* What else counts beside the store. */
static void
say_context(const struct trust *trust, struct buf *out)
{
	static const char *const verify[] = {
	    [CONFIG_VERIFY_CLIENT_NONE] =
	        "VerifyClient=none: no certificate is asked for",
	    [CONFIG_VERIFY_CLIENT_OPTIONAL] = "VerifyClient=optional",
	    [CONFIG_VERIFY_CLIENT_REQUIRED] = "VerifyClient=required",
	    [CONFIG_VERIFY_CLIENT_EXPLAIN] = "VerifyClient=explain"};

	if (trust->site == NULL)
		return;
	if (!trust->is_mail)
		buf_addf(out, "%s.\n", verify[trust->site->verify_client]);
	else
		buf_addf(out, "%s.\n",
		    trust->site->mail_trust_store_only
		        ? "MailTrustStoreOnly=1: the system's authorities do "
		          "not count"
		        : "The system's authorities count too "
		          "(MailTrustStoreOnly=0)");
}

enum err_code
trust_list(const struct options *options, struct buf *out, struct err *err)
{
	CLEANUP(trust_end) struct trust trust = {.arena = NULL};
	enum err_code rc = trust_open(options, &trust, err);

	if (rc != ERR_OK)
		return rc;
	buf_addf(out, "%s: %zu certificate(s)%s\n", trust.store.path,
	    trust.store.count, trust.store.is_there ? "" : ", not there yet");
	say_context(&trust, out);
	for (size_t i = 0; i < trust.store.count; i++) {
		buf_addf(out, "\nNumber %zu\n", i + 1);
		trust_cert_say(trust.store.certs[i].cert, "  ", out);
		if (trust.store.is_folder)
			buf_addf(
			    out, "  File:    %s\n", trust.store.certs[i].file);
	}
	return ERR_OK;
}
