#include "base/err.h"

#include <stdarg.h>
#include <stdint.h>

#include "base/log.h"
#include "base/str.h"
#include "base/tr.h"

/* Copies at most size - 1 bytes and never half a character. */
static void
err_copy(char *to, size_t size, const char *from)
{
	size_t len = from == NULL ? 0 : strnlen(from, size);

	if (len >= size) {
		len = size - 1;
		while (len > 0 && ((unsigned char)from[len] & 0xC0) == 0x80)
			len--;
	}
	if (len > 0)
		memcpy(to, from, len);
	to[len] = '\0';
}

/* What is said of the English words. */
static void
err_judge(struct err *err, const char *english, bool is_translated)
{
	struct str words = str_c(english);

	err->says_again =
	    str_find_nocase(words, STR("try again"), 0) < words.len;
	err->is_missing = tr_used() != NULL && words.len > 0 &&
	                  !is_translated && !tr_is_done(english);
}

enum err_code
err_set(struct err *err, enum err_code code, const char *message,
    const char *detail)
{
	const char *translated;

	if (err == NULL)
		return code;
	err->code = code;
	/* A message that is passed on was translated already. */
	if (message == err->message) {
		err_copy(err->detail, sizeof(err->detail), detail);
		return code;
	}
	translated = message == NULL ? NULL : tr_find(message);
	err_judge(err, message, translated != NULL);
	if (translated != NULL && (detail == NULL || detail[0] == '\0'))
		detail = message;
	err_copy(err->message, sizeof(err->message),
	    translated != NULL ? translated : message);
	err_copy(err->detail, sizeof(err->detail), detail);
	return code;
}

enum err_code
err_setf(struct err *err, enum err_code code, const char *message,
    const char *detail_format, ...)
{
	char detail[ERR_DETAIL_BYTES * 2];
	va_list args;

	va_start(args, detail_format);
	(void)vsnprintf(detail, sizeof(detail), detail_format, args);
	va_end(args);
	return err_set(err, code, message, detail);
}

enum err_code
err_sayf(struct err *err, enum err_code code, const char *message_format, ...)
{
	/* Both before err changes: the arguments may be its own texts. */
	char english[ERR_MESSAGE_BYTES * 2];
	char message[ERR_MESSAGE_BYTES * 2];
	const char *translated = tr_find(message_format);
	va_list args;

	if (err == NULL)
		return code;
	va_start(args, message_format);
	(void)vsnprintf(english, sizeof(english), message_format, args);
	va_end(args);
	va_start(args, message_format);
	/* A translation takes what its English takes: tr_format_fits(). */
	(void)vsnprintf(message, sizeof(message),
	    translated == NULL ? message_format : translated, args);
	va_end(args);
	*err = (struct err){.code = code};
	err_judge(err, message_format, translated != NULL);
	err_copy(err->message, sizeof(err->message), message);
	/* The log has English. */
	if (translated != NULL)
		err_copy(err->detail, sizeof(err->detail), english);
	return code;
}

const char *
err_name(enum err_code code)
{
	static const char *const names[ERR_COUNT] = {
	    [ERR_OK] = "ERR_OK",
	    [ERR_INPUT] = "ERR_INPUT",
	    [ERR_LOGIN] = "ERR_LOGIN",
	    [ERR_NOT_FOUND] = "ERR_NOT_FOUND",
	    [ERR_FORBIDDEN] = "ERR_FORBIDDEN",
	    [ERR_LIMIT] = "ERR_LIMIT",
	    [ERR_MAIL] = "ERR_MAIL",
	    [ERR_AWAY] = "ERR_AWAY",
	    [ERR_TRUST] = "ERR_TRUST",
	    [ERR_BUSY] = "ERR_BUSY",
	    [ERR_CONFIG] = "ERR_CONFIG",
	    [ERR_CANCELED] = "ERR_CANCELED",
	    [ERR_NO_MEMORY] = "ERR_NO_MEMORY",
	    [ERR_INTERNAL] = "ERR_INTERNAL",
	};

	return code >= ERR_OK && code < ERR_COUNT ? names[code] : "ERR_?";
}

void
err_ensure_failed(const char *expr, const char *file, int line)
{
	log_event(LOG_ERROR, "ensure.failed", LOG_C("expr", expr),
	    LOG_C("file", file), LOG_U64("line", line));
	abort();
}
