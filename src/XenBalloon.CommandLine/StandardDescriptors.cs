using XenBalloon.Posix;

namespace XenBalloon.CommandLine;

/// <summary>
/// Sees to it that there is a standard input, output and error. Who starts us may have closed them, and the runtime does not bear that; or it may open a file of
/// its own there.
/// </summary>
internal static class StandardDescriptors
{
    private const int Last = 2;

    internal static void Ensure()
    {
        for (int descriptor = 0; descriptor <= Last; descriptor++)
        {
            int copy = Libc.Duplicate(descriptor);
            _ = copy >= 0 ? Libc.Close(copy) : Libc.Open("/dev/null", Libc.OpenReadWrite); // which takes the lowest number that is free
        }
    }
}
