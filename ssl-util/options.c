#include "options.h"

/* Browsers take no longer ones from authorities they know. */
#define DAYS_SERVER 398
#define DAYS_CA     3650
#define DAYS_CRL    30

static enum err_code
say(struct err *err, const char *what)
{
	return err_set(err, ERR_INPUT, what, NULL);
}

/* "--days=30" and "--days 30". */
static enum err_code
take_argument(
    struct options *out, int argc, char **argv, int *at, struct err *err)
{
	struct str argument = str_c(argv[*at]);
	size_t equals = str_find_byte(argument, '=', 0);

	if (equals < argument.len)
		return options_take(out, str_slice(argument, 0, equals),
		    argv[*at] + equals + 1, err);
	if (options_is_flag(argument))
		return options_take(out, argument, NULL, err);
	if (*at + 1 >= argc)
		return err_sayf(err, ERR_INPUT,
		    "%s needs a value, or is no option: iwebmsg-ssl --help "
		    "lists them.",
		    argv[*at]);
	*at += 1;
	return options_take(out, argument, argv[*at], err);
}

static bool
takes_files(enum options_command command)
{
	return command == OPTIONS_SHOW || command == OPTIONS_IMPORT ||
	       command == OPTIONS_CHECK || command == OPTIONS_TRUST_ADD ||
	       command == OPTIONS_TRUST_REMOVE ||
	       command == OPTIONS_TRUST_TEST || command == OPTIONS_TRUST_FETCH;
}

static enum err_code
take_file(struct options *out, const char *word, struct err *err)
{
	if (!takes_files(out->command))
		return err_sayf(err, ERR_INPUT,
		    "\"%s\" stands alone. Say for example: "
		    "--name mail.example.org",
		    word);
	if (out->file_count == OPTIONS_FILES_MAX)
		return err_sayf(err, ERR_INPUT,
		    "At most %d files are possible.", OPTIONS_FILES_MAX);
	out->files[out->file_count++] = word;
	return ERR_OK;
}

static enum err_code
take_all(int argc, char **argv, int from, struct options *out, struct err *err)
{
	enum err_code rc = ERR_OK;

	for (int i = from; i < argc && rc == ERR_OK; i++) {
		if (!str_starts(str_c(argv[i]), STR("--")))
			rc = take_file(out, argv[i], err);
		else if (out->command == OPTIONS_SHOW &&
		         !options_has(out->command, str_c(argv[i])))
			rc = err_sayf(err, ERR_INPUT,
			    "show takes files, not %s. Say for example: "
			    "iwebmsg-ssl show server.pem",
			    argv[i]);
		else
			rc = take_argument(out, argc, argv, &i, err);
	}
	return rc;
}

/* Paths that were not said, in --out-dir. */
static enum err_code
fill_paths(struct options *out, struct err *err)
{
	bool is_csr = out->command == OPTIONS_CSR;
	bool is_client =
	    out->purpose != NULL && str_eq(str_c(out->purpose), STR("client"));
	enum err_code rc = ERR_OK;

	if (out->key_path[0] == '\0')
		rc = options_path(out->key_path, out->out_dir,
		    is_client ? "client.key" : "server.key", err);
	if (rc == ERR_OK && out->out_path[0] == '\0')
		rc = options_path(out->out_path, out->out_dir,
		    is_csr      ? "server.csr"
		    : is_client ? "client.pem"
		                : "server.pem",
		    err);
	if (rc == ERR_OK && str_eq(str_c(out->key_path), str_c(out->out_path)))
		rc = err_sayf(err, ERR_INPUT,
		    "Key and %s need two files; both are %s.",
		    is_csr ? "request" : "certificate", out->key_path);
	return rc;
}

static enum err_code
fill_issue(struct options *out, struct err *err)
{
	if (out->csr == NULL && out->name.len == 0)
		return say(err, "Say for what: --csr FILE, or --name NAME for "
		                "a new key.");
	if (out->csr != NULL && out->key_is_given)
		return say(err, "With --csr the key stays where the request "
		                "was made: leave --key-file out.");
	if (out->csr != NULL && out->p12 != NULL)
		return say(err, "A PKCS#12 file needs the key, which stays "
		                "where the request was made: leave --p12 out.");
	if ((out->p12 != NULL) != (out->out_password_file != NULL))
		return say(err, "--p12 FILE and --out-password-file FILE, its "
		                "password, go together.");
	if (out->purpose != NULL &&
	    !str_eq(str_c(out->purpose), STR("client")) &&
	    !str_eq(str_c(out->purpose), STR("server")))
		return say(err, "--purpose takes server or client.");
	return fill_paths(out, err);
}

static enum err_code
fill_export(struct options *out, struct err *err)
{
	static const char *const formats[] = {"pem", "der", "cer", "p12"};
	size_t i = 0;

	if (out->format == NULL)
		out->format = "pem";
	while (i < 4 && !str_eq(str_c(out->format), str_c(formats[i])))
		i++;
	if (i == 4)
		return say(err, "--format takes pem, der, cer or p12.");
	if (out->out_path[0] == '\0')
		return say(err, "Say what to export: --cert server.pem");
	if (out->out == NULL)
		return say(err, "Say where to: --out FILE");
	if ((i == 1 || i == 2) && out->with_key)
		return say(err, "Only --format pem and p12 can hold a key.");
	if ((i == 3 || out->with_key) && !out->key_is_given)
		return say(err, "Say which key: --key-file server.key");
	if (i == 3 && out->password_file == NULL &&
	    out->out_password_file == NULL)
		return say(err, "A PKCS#12 file needs a password: "
		                "--password-file FILE");
	return ERR_OK;
}

static enum err_code
fill_password(struct options *out, struct err *err)
{
	if (!out->key_is_given)
		return say(err, "Say which key: --key-file server.key");
	if (out->remove == (out->new_password_file != NULL))
		return say(err, "Say either --new-password-file FILE or "
		                "--remove.");
	return ERR_OK;
}

static enum err_code
fill_show(struct options *out, struct err *err)
{
	return out->file_count > 0
	           ? ERR_OK
	           : say(err, "Say which file: iwebmsg-ssl show server.pem");
}

/* A running server, or files: not both. */
static enum err_code
fill_check(struct options *out, struct err *err)
{
	bool has_files = out->config != NULL || out->key_is_given ||
	                 out->out_path[0] != '\0' || out->password_file != NULL;

	if (out->file_count == 0 && out->starttls == NULL)
		return ERR_OK;
	if (out->file_count != 1 || has_files)
		return say(err, "Say one HOST:PORT, with --name, --root, "
		                "--starttls or --json; or files with --config, "
		                "--cert or --key-file.");
	return ERR_OK;
}

static enum err_code
fill_import(struct options *out, struct err *err)
{
	if (out->file_count == 0)
		return say(err, "Say which file came back: iwebmsg-ssl import "
		                "FILE ... --key-file server.key");
	/* The ini file says where they go. */
	return out->config != NULL ? ERR_OK : fill_paths(out, err);
}

static enum err_code
fill_named(struct options *out, struct err *err)
{
	if (out->name.len == 0)
		return say(err, "Say for which name: --name mail.example.org");
	return out->command == OPTIONS_CA_INIT ? ERR_OK : fill_paths(out, err);
}

static enum err_code
fill_revoke(struct options *out, struct err *err)
{
	return (out->serial != NULL) == (out->out_path[0] != '\0')
	           ? say(err, "Say which one: --cert FILE or --serial NUMBER")
	           : ERR_OK;
}

static enum err_code
fill_nothing(struct options *out, struct err *err)
{
	(void)out;
	(void)err;
	return ERR_OK;
}

static bool
wants_help(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (str_eq(str_c(argv[i]), STR("--help")) ||
		    str_eq(str_c(argv[i]), STR("-h")))
			return true;
	return argc > 1 && str_eq(str_c(argv[1]), STR("help"));
}

static const struct command {
	const char *word;
	const char *second; /* NULL: none */
	enum options_command command;
	uint32_t days;
	enum err_code (*fill)(struct options *out, struct err *err);
} COMMANDS[] = {
    {"selfsigned", NULL, OPTIONS_SELFSIGNED, DAYS_SERVER, fill_named},
    {"csr", NULL, OPTIONS_CSR, DAYS_SERVER, fill_named},
    {"show", NULL, OPTIONS_SHOW, 0, fill_show},
    {"check", NULL, OPTIONS_CHECK, 0, fill_check},
    {"import", NULL, OPTIONS_IMPORT, 0, fill_import},
    {"export", NULL, OPTIONS_EXPORT, 0, fill_export},
    {"password", NULL, OPTIONS_PASSWORD, 0, fill_password},
    {"ca", "init", OPTIONS_CA_INIT, DAYS_CA, fill_named},
    {"ca", "issue", OPTIONS_CA_ISSUE, DAYS_SERVER, fill_issue},
    {"ca", "revoke", OPTIONS_CA_REVOKE, DAYS_CRL, fill_revoke},
    {"ca", "crl", OPTIONS_CA_CRL, DAYS_CRL, fill_nothing},
    {"trust", "add", OPTIONS_TRUST_ADD, 0, options_fill_trust},
    {"trust", "list", OPTIONS_TRUST_LIST, 0, options_fill_trust},
    {"trust", "remove", OPTIONS_TRUST_REMOVE, 0, options_fill_trust},
    {"trust", "test", OPTIONS_TRUST_TEST, 0, options_fill_trust},
    {"trust", "fetch", OPTIONS_TRUST_FETCH, 0, options_fill_trust},
    {"configure", NULL, OPTIONS_CONFIGURE, 0, options_fill_configure},
    {"setup", NULL, OPTIONS_SETUP, DAYS_SERVER, options_fill_setup},
    {"wizard", NULL, OPTIONS_WIZARD, DAYS_SERVER, fill_nothing},
    {"help", NULL, OPTIONS_HELP, 0, fill_nothing},
    {"--version", NULL, OPTIONS_VERSION, 0, fill_nothing},
};

/* What may follow the first word; NULL: nothing has to. */
static const char *
second_words(struct str first)
{
	if (str_eq(first, STR("ca")))
		return "init, issue, revoke or crl";
	if (str_eq(first, STR("trust")))
		return "add, list, remove, test or fetch";
	return NULL;
}

/* NULL: err says why. */
static const struct command *
find_command(int argc, char **argv, struct err *err)
{
	size_t count = sizeof(COMMANDS) / sizeof(COMMANDS[0]);
	struct str first = argc > 1 ? str_c(argv[1]) : (struct str){0};
	struct str second = argc > 2 ? str_c(argv[2]) : (struct str){0};

	for (size_t i = 0; i < count; i++)
		if (argc > 1 && str_eq(first, str_c(COMMANDS[i].word)) &&
		    (COMMANDS[i].second == NULL ||
		        str_eq(second, str_c(COMMANDS[i].second))))
			return &COMMANDS[i];
	if (argc < 2)
		(void)say(err,
		    "Say what to do: selfsigned, csr, import, check, show, "
		    "export, password, trust, configure, setup or ca. "
		    "iwebmsg-ssl --help explains them.");
	else if (second_words(first) != NULL)
		(void)err_sayf(err, ERR_INPUT,
		    "%s is followed by %s. iwebmsg-ssl %s --help explains "
		    "them.",
		    argv[1], second_words(first), argv[1]);
	else
		(void)err_sayf(err, ERR_INPUT,
		    "\"%s\" is no command. Commands are selfsigned, csr, "
		    "import, check, show, export, password, trust, configure, "
		    "setup and ca; iwebmsg-ssl --help explains them.",
		    argv[1]);
	return NULL;
}

/* The command that help was asked for; NULL: all of them. */
static const char *
topic_of(int argc, char **argv)
{
	size_t count = sizeof(COMMANDS) / sizeof(COMMANDS[0]);
	const char *word = argv[1];

	if (str_eq(str_c(word), STR("help")) && argc > 2)
		word = argv[2];
	for (size_t i = 0; i < count; i++)
		if (str_eq(str_c(word), str_c(COMMANDS[i].word)))
			return word;
	return NULL;
}

/* Names of people and of authorities are no host names. */
static bool
names_a_host(const struct options *out)
{
	return out->command != OPTIONS_CA_INIT &&
	       !(out->purpose != NULL &&
	           str_eq(str_c(out->purpose), STR("client")));
}

enum err_code
options_parse(int argc, char **argv, struct options *out, struct err *err)
{
	*out = (struct options){.command = OPTIONS_HELP,
	    .key_kind = STR("ec:p256"),
	    .out_dir = ".",
	    .ca_dir = "ca"};
	if (wants_help(argc, argv)) {
		out->topic = topic_of(argc, argv);
		return ERR_OK;
	}
	const struct command *command = find_command(argc, argv, err);
	if (command == NULL)
		return ERR_INPUT;
	out->command = command->command;
	out->days = command->days;
	if (out->command == OPTIONS_CA_INIT)
		out->key_kind = STR("ec:p384");
	/* There the ini file says where. */
	if (out->command == OPTIONS_SETUP || out->command == OPTIONS_WIZARD)
		out->out_dir = NULL;
	enum err_code rc =
	    take_all(argc, argv, command->second == NULL ? 2 : 3, out, err);
	if (rc == ERR_OK)
		rc = command->fill(out, err);
	return rc == ERR_OK && names_a_host(out)
	           ? options_name_to_ascii(out, err)
	           : rc;
}
