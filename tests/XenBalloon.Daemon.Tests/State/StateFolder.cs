using XenBalloon.Daemon.State;
using XenBalloon.Daemon.Tests.Reconciling;

namespace XenBalloon.Daemon.Tests.State;

/// <summary>A directory for a store, and what the store logs.</summary>
internal sealed class StateFolder : IDisposable
{
    private readonly DirectoryInfo parent = Directory.CreateTempSubdirectory("xenballoon-state-");

    /// <summary>The directory, which the store makes itself.</summary>
    internal string Name => Path.Combine(parent.FullName, "xenballoon");

    /// <summary>The file.</summary>
    internal string File => Path.Combine(Name, "state.json");

    /// <summary>What the last store logged.</summary>
    internal RecordingLogger<StateStore> Log { get; private set; } = new();

    /// <summary>A daemon's store.</summary>
    internal StateStore Open()
    {
        Log = new RecordingLogger<StateStore>();
        return new StateStore(Name, Log);
    }

    /// <summary>Puts a file there.</summary>
    internal void Put(string text)
    {
        Directory.CreateDirectory(Name);
        System.IO.File.WriteAllText(File, text);
    }

    /// <summary>The names of all files that are there.</summary>
    internal IEnumerable<string?> Files() => Directory.GetFiles(Name).Select(Path.GetFileName).Order();

    public void Dispose() => parent.Delete(recursive: true);
}
