using XenBalloon.Xen.Tests.Rig;

namespace XenBalloon.Xen.Tests.GuestAgent;

/// <summary>The guest agent, built once: the program, and its pure parts as a library.</summary>
internal static class AgentFiles
{
    private static readonly Lazy<string> BuiltProgram = new(BuildProgram);
    private static readonly Lazy<string> BuiltLibrary = new(BuildLibrary);

    /// <summary>The program.</summary>
    public static string Program => BuiltProgram.Value;

    /// <summary>pace.c, record.c and tables.c.</summary>
    public static string Library => BuiltLibrary.Value;

    private static string BuildProgram()
    {
        Repository.Run("make", "-s", "-C", Repository.File("native", "guest-agent"), $"OUT={AppContext.BaseDirectory}");
        return Path.Combine(AppContext.BaseDirectory, "xenballoon-agent");
    }

    private static string BuildLibrary()
    {
        string library = Path.Combine(AppContext.BaseDirectory, "libagent-parts.so");
        string[] sources = [.. new[] { "pace.c", "record.c", "tables.c" }.Select(name => Repository.File("native", "guest-agent", name))];
        Repository.Run("gcc", ["-std=gnu11", "-O1", "-g", "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror", "-o", library, .. sources]);
        return library;
    }
}
