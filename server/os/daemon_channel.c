#include "os/daemon.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "os/file.h"

enum err_code
daemon_channel(sock_t out[2], int wait_ms, struct err *err)
{
	struct timeval wait = {
	    wait_ms / 1000, (suseconds_t)(wait_ms % 1000) * 1000};

	/* SEQPACKET keeps messages apart and tells when the peer is gone. */
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, out) != 0)
		return err_set(
		    err, ERR_INTERNAL, "cannot make a socket pair", NULL);
	for (int i = 0; i < 2; i++) {
		(void)setsockopt(
		    out[i], SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
		(void)setsockopt(
		    out[i], SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
	}
	return ERR_OK;
}

/* Room for one descriptor, aligned as the macros want it. */
union control {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(sizeof(int))];
};

bool
daemon_send_fd(sock_t channel, int fd, int status)
{
	union control control = {0};
	struct iovec piece = {.iov_base = &status, .iov_len = sizeof(status)};
	struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
	ssize_t put = 0;

	if (fd >= 0) {
		struct cmsghdr *header = NULL;

		message.msg_control = control.bytes;
		message.msg_controllen = sizeof(control.bytes);
		header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	}
	do {
		put = sendmsg(channel, &message, MSG_NOSIGNAL);
	} while (put < 0 && errno == EINTR);
	return put == (ssize_t)sizeof(status);
}

static int
take_fd(struct msghdr *message)
{
	int fd = -1;

	for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header != NULL;
	     header = CMSG_NXTHDR(message, header)) {
		if (header->cmsg_level == SOL_SOCKET &&
		    header->cmsg_type == SCM_RIGHTS &&
		    header->cmsg_len == CMSG_LEN(sizeof(int))) {
			file_close(&fd);
			memcpy(&fd, CMSG_DATA(header), sizeof(fd));
		}
	}
	return fd;
}

bool
daemon_recv_fd(sock_t channel, int *out_fd, int *out_status)
{
	union control control = {0};
	int status = 0;
	struct iovec piece = {.iov_base = &status, .iov_len = sizeof(status)};
	struct msghdr message = {.msg_iov = &piece,
	    .msg_iovlen = 1,
	    .msg_control = control.bytes,
	    .msg_controllen = sizeof(control.bytes)};
	ssize_t got = 0;
	int fd = -1;

	*out_fd = -1;
	*out_status = 0;
	do {
		got = recvmsg(channel, &message, MSG_CMSG_CLOEXEC);
	} while (got < 0 && errno == EINTR);
	if (got >= 0)
		fd = take_fd(&message);
	if (got != (ssize_t)sizeof(status) ||
	    (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0) {
		file_close(&fd);
		return false;
	}
	*out_fd = fd;
	*out_status = status;
	return true;
}

bool
daemon_send_text(sock_t channel, struct str text)
{
	ssize_t put = 0;

	do {
		put = send(channel, text.ptr, text.len, MSG_NOSIGNAL);
	} while (put < 0 && errno == EINTR);
	return put >= 0 && (size_t)put == text.len;
}

bool
daemon_recv_text(sock_t channel, char *room, size_t room_bytes, size_t *out_len)
{
	ssize_t got = 0;

	do {
		/* MSG_TRUNC: the true length, so that a cut is noticed. */
		got = recv(channel, room, room_bytes, MSG_TRUNC);
	} while (got < 0 && errno == EINTR);
	*out_len = got > 0 ? (size_t)got : 0;
	return got > 0 && (size_t)got <= room_bytes;
}
