/* The least that running a command N times costs: posix_spawn and wait, nothing else.
 * usage: plain_spawn N COMMAND [ARGUMENT]... */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    posix_spawn_file_actions_t actions;
    long runs = argc > 2 ? strtol(argv[1], NULL, 10) : 0;

    if (runs < 1) {
        fputs("usage: plain_spawn N COMMAND [ARGUMENT]...\n", stderr);
        return 2;
    }
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    for (long i = 0; i < runs; i++) {
        pid_t child;
        int status;

        if (posix_spawnp(&child, argv[2], &actions, NULL, argv + 2, environ) ||
            waitpid(child, &status, 0) < 0 || status) {
            perror(argv[2]);
            return 1;
        }
    }
    posix_spawn_file_actions_destroy(&actions);
    return 0;
}
