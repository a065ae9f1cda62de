using XenBalloon.Bus;
using XenBalloon.Daemon.State;

namespace XenBalloon.Daemon.Tests.State;

public sealed class StateStoreTests
{
    private const string Otherwise = "do something else";

    private StateFolder folder;

    [SetUp]
    public void SetUp() => folder = new StateFolder();

    [TearDown]
    public void TearDown() => folder.Dispose();

    [Test]
    public void Saved_state_is_read_by_the_next_daemon()
    {
        folder.Open().SaveIfChanged(Sample.State);

        Assert.That(StateContent.Of(folder.Open().Read()), Is.EqualTo(StateContent.Of(Sample.State)));
        Assert.That(folder.Log.Lines, Is.Empty);
        Assert.That(folder.Files(), Is.EqualTo(new[] { "state.json" }), "no temporary file is left");
    }

    [Test]
    public void State_is_read_again_after_the_wall_clock_was_set_back_to_1970()
    {
        folder.Open().SaveIfChanged(Sample.State with { ClockStart = DateTimeOffset.UnixEpoch.AddDays(-1) });
        SavedState read = folder.Open().Read();

        Assert.That(folder.Log.Lines, Is.Empty);
        Assert.That(read.Settings, Is.EquivalentTo(Sample.State.Settings));
        Assert.That(
            read.Book.Open.Select(reservation => reservation.Id),
            Is.EqualTo(Sample.State.Book.Open.Select(reservation => reservation.Id)));
        Assert.That(read.Guests.Keys, Is.EquivalentTo(Sample.State.Guests.Keys));
    }

    [Test]
    public void Missing_directory_is_created_for_root_alone()
    {
        folder.Open().SaveIfChanged(Sample.State);

        const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Assert.That(File.GetUnixFileMode(folder.Name), Is.EqualTo(Owner | UnixFileMode.UserExecute));
        Assert.That(File.GetUnixFileMode(folder.File), Is.EqualTo(Owner));
    }

    [Test]
    public void Without_a_file_the_state_is_empty_and_nothing_is_logged()
    {
        Assert.That(folder.Open().Read(), Is.SameAs(SavedState.Empty));
        Assert.That(folder.Log.Lines, Is.Empty);
    }

    [Test]
    public void Without_a_directory_nothing_is_saved()
    {
        var store = new StateStore(null, folder.Log);
        store.Save(Sample.State, Otherwise);
        store.SaveIfChanged(Sample.State);

        Assert.That(store.Read(), Is.SameAs(SavedState.Empty));
    }

    [Test]
    public void State_with_the_same_content_is_not_written_again()
    {
        StateStore store = folder.Open();
        store.SaveIfChanged(Sample.State);
        File.Delete(folder.File);

        store.SaveIfChanged(Sample.State with { ClockStart = Sample.ClockStart.AddSeconds(1) });
        Assert.That(folder.Files(), Is.Empty);
        store.SaveIfChanged(Sample.State with { Overrides = SavedState.Empty.Overrides });
        Assert.That(folder.Files(), Is.EqualTo(new[] { "state.json" }));
    }

    [Test]
    public void Full_disk_is_logged_once_until_it_is_writable_and_the_old_file_stays_whole()
    {
        StateStore store = folder.Open();
        store.SaveIfChanged(Sample.State);
        byte[] before = File.ReadAllBytes(folder.File);
        FillDisk();
        SavedState next = Sample.State with { Overrides = SavedState.Empty.Overrides };

        store.SaveIfChanged(next);
        store.SaveIfChanged(next);
        Assert.That(folder.Log.Lines, Has.Count.EqualTo(1));
        Assert.That(folder.Log.Lines[0], Does.Contain(folder.File)
            .And.Contain("No space left on device").And.Contain("free disk space there"));
        Assert.That(File.ReadAllBytes(folder.File), Is.EqualTo(before));

        EmptyDisk();
        store.SaveIfChanged(next);
        Assert.That(folder.Log.Lines, Has.Count.EqualTo(2));
        Assert.That(folder.Log.Lines[1], Does.Contain("is saved in").And.Contain("again"));
        FillDisk();
        store.SaveIfChanged(Sample.State);
        Assert.That(folder.Log.Lines, Has.Count.EqualTo(3));
    }

    [Test]
    public void Setting_that_cannot_be_saved_is_refused_with_a_remedy_and_the_old_file_stays_whole()
    {
        StateStore store = folder.Open();
        store.SaveIfChanged(Sample.State);
        byte[] before = File.ReadAllBytes(folder.File);
        FillDisk();

        SavedState next = Sample.State with { Settings = Sample.State.Settings.Clear() };
        ControlException? refused = Assert.Throws<ControlException>(() => store.Save(next, Otherwise));

        Assert.That(refused!.Message, Does.Contain(folder.File).And.Contain("No space left on device")
            .And.Contain("free disk space there, or do something else"));
        Assert.That(File.ReadAllBytes(folder.File), Is.EqualTo(before));
    }

    [Test]
    public void Failure_after_a_successful_save_is_logged_again()
    {
        StateStore store = folder.Open();
        store.SaveIfChanged(Sample.State);
        SavedState next = Sample.State with { Overrides = SavedState.Empty.Overrides };
        FillDisk();
        store.SaveIfChanged(next);
        EmptyDisk();
        store.Save(next, Otherwise);
        FillDisk();

        store.SaveIfChanged(Sample.State);

        Assert.That(folder.Log.Lines, Has.Exactly(2).Contains("No space left on device"));
    }

    /// <summary>A file that cannot be flushed to the disk, which .NET ignores for some devices.</summary>
    [Test]
    public void State_that_does_not_reach_the_disk_is_not_saved()
    {
        StateStore store = folder.Open();
        store.SaveIfChanged(Sample.State);
        byte[] before = File.ReadAllBytes(folder.File);
        File.CreateSymbolicLink(folder.File + ".new", "/dev/null");

        store.SaveIfChanged(Sample.State with { Overrides = SavedState.Empty.Overrides });

        Assert.That(folder.Log.Lines, Has.Exactly(1).Contains("Invalid argument"));
        Assert.That(File.ReadAllBytes(folder.File), Is.EqualTo(before));
    }

    [Test]
    public void Directory_that_cannot_be_created_is_logged_and_refused()
    {
        File.WriteAllText(folder.Name, "a file where the directory should be");
        StateStore store = folder.Open();

        store.SaveIfChanged(Sample.State);
        Assert.That(folder.Log.Lines, Has.Count.EqualTo(1));
        Assert.That(() => store.Save(Sample.State, Otherwise), Throws.InstanceOf<ControlException>());
    }

    /// <summary>The temporary file becomes a device that is always full.</summary>
    private void FillDisk() => File.CreateSymbolicLink(folder.File + ".new", "/dev/full");

    private void EmptyDisk() => File.Delete(folder.File + ".new");
}
