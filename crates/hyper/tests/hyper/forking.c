/* Forks for forked.rs, which has no way to do so by itself: Rust's parent_id() calls getppid().
 * The child gets 0. Its parent waits for it, and gets 1 and the code that it ended with, or 100 if
 * it had to be killed: a child that hangs ends by its alarm. */

#include <sys/wait.h>
#include <unistd.h>

pid_t getppid(void)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        alarm(60);
        return 0;
    }
    if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status)) {
        return 100;
    }
    return 1 + WEXITSTATUS(status);
}
