using System.Collections.Concurrent;
using Tmds.DBus.Protocol;
using XenBalloon.Bus.Connections;
using XenBalloon.Testing;

namespace XenBalloon.Bus.Tests;

/// <summary>
/// Stands in for polkit on a private bus: polkit's method <c>CheckAuthorization((sa{sv}) subject, s action,
/// a{ss} details, u flags, s cancellation) → (bba{ss})</c>, answered as it is told to.
/// </summary>
internal sealed class FakePolkit : IPathMethodHandler, IDisposable
{
    private readonly DBusConnection connection;
    private readonly ConcurrentQueue<MethodContext> waiting = [];

    /// <summary>Takes polkit's name.</summary>
    /// <param name="bus">On which bus.</param>
    /// <param name="mood">What it does with questions.</param>
    internal FakePolkit(PrivateBus bus, PolkitMood mood = PolkitMood.Yes)
    {
        Mood = mood;
        connection = new DBusConnection(new LocalBus(bus.Address));
        connection.ConnectAsync().AsTask().GetAwaiter().GetResult();
        connection.AddMethodHandler(this);
        connection.RequestNameAsync("org.freedesktop.PolicyKit1", RequestNameOptions.None).GetAwaiter().GetResult();
    }

    string IPathMethodHandler.Path => "/org/freedesktop/PolicyKit1/Authority";

    bool IPathMethodHandler.HandlesChildPaths => false;

    /// <summary>What it does with the next question.</summary>
    internal PolkitMood Mood { get; set; }

    /// <summary>What it was asked, in order.</summary>
    internal ConcurrentQueue<PolkitQuestion> Asked { get; } = [];

    /// <summary>The questions that were taken back, by their cancellation ids.</summary>
    internal ConcurrentQueue<string> TakenBack { get; } = [];

    /// <summary>Answers what it was silent about.</summary>
    internal void AnswerAll(PolkitMood mood)
    {
        while (waiting.TryDequeue(out MethodContext? context))
        {
            using (context) Answer(context, mood);
        }
    }

    /// <summary>Leaves the bus, without answering the waiting callers.</summary>
    public void Dispose() => connection.Dispose();

    ValueTask IPathMethodHandler.HandleMethodAsync(MethodContext context)
    {
        Reader reader = context.Request.GetBodyReader();
        switch (context.Request.MemberAsString, context.Request.SignatureAsString)
        {
            case ("CheckAuthorization", "(sa{sv})sa{ss}us"):
                reader.AlignStruct();
                string kind = reader.ReadString();
                string subject = reader.ReadDictionaryOfStringToVariantValue()["name"].GetString();
                string action = reader.ReadString();
                ArrayEnd details = reader.ReadDictionaryStart();
                if (reader.HasNext(details)) throw new NotSupportedException("we give no details");
                uint flags = reader.ReadUInt32();
                Asked.Enqueue(new PolkitQuestion(kind, subject, action, flags == 1, reader.ReadString()));
                if (Mood != PolkitMood.Silent)
                {
                    Answer(context, Mood);
                    break;
                }

                context.DisposesAsynchronously = true;
                waiting.Enqueue(context);
                break;
            case ("CancelCheckAuthorization", "s"):
                TakenBack.Enqueue(reader.ReadString());
                break;
        }

        return default;
    }

    private static void Answer(MethodContext context, PolkitMood mood)
    {
        if (mood == PolkitMood.Error)
        {
            context.ReplyError("org.freedesktop.PolicyKit1.Error.Failed", "the rules cannot be read");
            return;
        }

        MessageWriter writer = context.CreateReplyWriter(mood switch
        {
            PolkitMood.Nonsense => "s",
            PolkitMood.Half => "b",
            _ => "(bba{ss})",
        });
        switch (mood)
        {
            case PolkitMood.Nonsense:
                writer.WriteString("certainly");
                break;
            case PolkitMood.Half:
                writer.WriteBool(true);
                break;
            default:
                writer.WriteStructureStart();
                writer.WriteBool(mood == PolkitMood.Yes);
                writer.WriteBool(mood == PolkitMood.Challenge);
                writer.WriteDictionaryEnd(writer.WriteDictionaryStart());
                break;
        }

        context.Reply(writer.CreateMessage());
        writer.Dispose();
    }
}

/// <summary>What the double of polkit does with a question.</summary>
internal enum PolkitMood
{
    /// <summary>Says that the caller may.</summary>
    Yes,

    /// <summary>Says that the caller may not.</summary>
    No,

    /// <summary>Says that the caller may, once a password was given.</summary>
    Challenge,

    /// <summary>Says nothing yet.</summary>
    Silent,

    /// <summary>Answers with an error of its own.</summary>
    Error,

    /// <summary>Answers with something else than an answer.</summary>
    Nonsense,

    /// <summary>Answers with less than an answer.</summary>
    Half,
}

/// <summary>What polkit was asked.</summary>
/// <param name="Kind">What kind of subject.</param>
/// <param name="Subject">Who: a unique name of the bus.</param>
/// <param name="Action">What the subject wants to do.</param>
/// <param name="MayAsk">Whether a person may be asked for a password.</param>
/// <param name="Cancellation">The id by which the question can be taken back.</param>
internal sealed record PolkitQuestion(string Kind, string Subject, string Action, bool MayAsk, string Cancellation);
