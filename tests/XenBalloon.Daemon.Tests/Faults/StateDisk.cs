using System.Text;
using XenBalloon.Daemon.Tests.State;

namespace XenBalloon.Daemon.Tests.Faults;

/// <summary>The disk with the state file, and what can happen to it.</summary>
internal sealed class StateDisk(StateFolder folder)
{
    /// <summary>The number of kinds of damage.</summary>
    internal const int Damages = 6;

    private string Temporary => folder.File + ".new";

    /// <summary>Whether writes fail.</summary>
    internal bool Fails { get; private set; }

    /// <summary>No space is left: the daemon's next file is /dev/full.</summary>
    internal void Fill()
    {
        Repair();
        File.CreateSymbolicLink(Temporary, "/dev/full");
        Fails = true;
    }

    /// <summary>The daemon's next file cannot be created.</summary>
    internal void Block()
    {
        Repair();
        Directory.CreateDirectory(Temporary);
        Fails = true;
    }

    /// <summary>Writes succeed again.</summary>
    internal void Repair()
    {
        Directory.CreateDirectory(folder.Name);
        Remove(Temporary);
        if (Directory.Exists(folder.File)) Remove(folder.File);
        Fails = false;
    }

    /// <summary>Leaves what a daemon leaves that is killed while it writes.</summary>
    /// <returns>Whether the state is lost.</returns>
    internal bool LeaveHalf()
    {
        Repair();
        File.WriteAllText(Temporary, "{ \"version\": 2, \"boot");
        return false;
    }

    /// <summary>Damages the state file, so that nothing in it can be read.</summary>
    /// <returns>Whether the state is lost.</returns>
    internal bool Damage(int kind)
    {
        Repair();
        byte[] content = File.Exists(folder.File) ? File.ReadAllBytes(folder.File) : [];
        switch (kind)
        {
            case 0:
                File.WriteAllBytes(folder.File, content[..(content.Length / 2)]);
                break;
            case 1:
                File.WriteAllBytes(folder.File, new byte[content.Length]);
                break;
            case 2:
                File.WriteAllBytes(folder.File, []);
                break;
            case 3:
                File.WriteAllText(folder.File, Encoding.UTF8.GetString(content).Replace(": 2,", ": 99,", default));
                File.AppendAllText(folder.File, "}");
                break;
            case 4:
                Remove(folder.File);
                Directory.CreateDirectory(folder.File);
                Fails = true;
                break;
            default:
                Remove(folder.File);
                break;
        }

        return true;
    }

    private static void Remove(string path)
    {
        if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
        else File.Delete(path);
    }
}
