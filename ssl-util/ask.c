#include "ask.h"

#include <errno.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "os/file.h"

#define IN  STDIN_FILENO
#define OUT STDOUT_FILENO

bool
ask_is_possible(void)
{
	return isatty(IN) == 1 && isatty(OUT) == 1;
}

enum err_code
ask_begin(struct ask *ask, struct err *err)
{
	sigset_t set;

	*ask = (struct ask){.signals = -1};
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGHUP);
	(void)sigaddset(&set, SIGQUIT);
	(void)sigaddset(&set, SIGTSTP);
	if (pthread_sigmask(SIG_BLOCK, &set, &ask->before) != 0)
		return file_fail(err, "ask on", "the terminal");
	ask->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (ask->signals < 0) {
		(void)pthread_sigmask(SIG_SETMASK, &ask->before, NULL);
		return file_fail(err, "ask on", "the terminal");
	}
	return ERR_OK;
}

void
ask_end(struct ask *ask)
{
	struct signalfd_siginfo info;

	if (ask->signals < 0)
		return;
	/* What came has been noticed, or came too late to matter. */
	while (read(ask->signals, &info, sizeof(info)) > 0)
		continue;
	file_close(&ask->signals);
	(void)pthread_sigmask(SIG_SETMASK, &ask->before, NULL);
}

static void
say(struct str text)
{
	struct err ignored = ERR_NONE;

	/* A terminal that is gone shows itself at the next answer. */
	err_ignore(file_write_all(OUT, text, &ignored));
}

void
ask_show(struct buf *out)
{
	say(buf_str(out));
	buf_clear(out);
}

static enum err_code
canceled(struct err *err)
{
	say(STR("\n"));
	return err_set(
	    err, ERR_CANCELED, "Stopped. Nothing was changed.", NULL);
}

/* One byte of the line; a signal ends the asking. */
static enum err_code
read_byte(struct ask *ask, char *out, struct err *err)
{
	for (;;) {
		struct pollfd fds[] = {{.fd = IN, .events = POLLIN},
		    {.fd = ask->signals, .events = POLLIN}};
		ssize_t got = 0;

		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return canceled(err);
		if ((fds[1].revents & POLLIN) != 0)
			return canceled(err);
		if (fds[0].revents == 0)
			continue;
		got = read(IN, out, 1);
		if (got == 1)
			return ERR_OK;
		if (got == 0 || errno != EINTR)
			return canceled(err);
	}
}

static enum err_code
read_line(struct ask *ask, char out[ASK_LINE_BYTES], struct err *err)
{
	size_t len = 0;
	char byte = '\0';
	enum err_code rc = read_byte(ask, &byte, err);

	while (rc == ERR_OK && byte != '\n') {
		if (len < ASK_LINE_BYTES - 1)
			out[len++] = byte;
		rc = read_byte(ask, &byte, err);
	}
	if (rc != ERR_OK)
		return rc;
	struct str line = str_trim(str_of(out, len));
	memmove(out, line.ptr, line.len);
	out[line.len] = '\0';
	return ERR_OK;
}

enum err_code
ask_line(struct ask *ask, const char *question, const char *fallback,
    char out[ASK_LINE_BYTES], struct err *err)
{
	enum err_code rc = ERR_OK;

	do {
		say(str_c(question));
		if (fallback != NULL) {
			say(STR(" ["));
			say(str_c(fallback));
			say(STR("]"));
		}
		say(STR(": "));
		rc = read_line(ask, out, err);
		if (rc == ERR_OK && out[0] == '\0' && fallback != NULL)
			(void)snprintf(out, ASK_LINE_BYTES, "%s", fallback);
	} while (rc == ERR_OK && out[0] == '\0' && fallback == NULL);
	return rc;
}

enum err_code
ask_yes(struct ask *ask, const char *question, bool fallback, bool *out,
    struct err *err)
{
	char line[ASK_LINE_BYTES];

	for (;;) {
		enum err_code rc =
		    ask_line(ask, question, fallback ? "yes" : "no", line, err);

		if (rc != ERR_OK)
			return rc;
		*out = str_eq_nocase(str_c(line), STR("yes")) ||
		       str_eq_nocase(str_c(line), STR("y"));
		if (*out || str_eq_nocase(str_c(line), STR("no")) ||
		    str_eq_nocase(str_c(line), STR("n")))
			return ERR_OK;
		say(STR("Please answer yes or no.\n"));
	}
}
