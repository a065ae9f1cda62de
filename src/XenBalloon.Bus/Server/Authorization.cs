using System.Globalization;
using Tmds.DBus.Protocol;
using XenBalloon.Bus.Connections;
using XenBalloon.Bus.Interfaces;

namespace XenBalloon.Bus.Server;

/// <summary>
/// Who may do what: anyone may read; a change requires root, or polkit's authorization where it runs. The bus's policy
/// lets every call through, so this is the one place that decides.
/// </summary>
internal sealed class Authorization(BusConnection connection, Polkit polkit)
{
    private const uint Root = 0;

    /// <summary>
    /// A person answers one dialogue at a time; more questions than this are a flood, and polkit serves others too.
    /// </summary>
    private const int MostWaiting = 32;

    private readonly Dictionary<uint, int> waiting = [];

    /// <summary>Completes when the caller may do this.</summary>
    /// <exception cref="ControlException">The caller may not.</exception>
    /// <exception cref="BusErrorException">The caller's user has too many calls waiting for polkit.</exception>
    internal async Task RequireAsync(BusCall call, string action)
    {
        uint uid = await UidAsync(call.Caller);
        if (uid == Root) return;
        string remedy = await AskAsync(uid, call, action) switch
        {
            PolkitAnswer.Authorized => "",
            PolkitAnswer.NeedsPassword => "use sudo, or let polkit ask for a password (pkttyagent)",
            PolkitAnswer.Absent => "use sudo",
            _ => $"use sudo, or allow it in polkit's rules ({action})",
        };
        if (remedy.Length == 0) return;
        string refusal = string.Create(
            CultureInfo.InvariantCulture, $"{call.Member} requires root, and was called by uid {uid}: {remedy}");
        throw new ControlException(ControlError.AccessDenied, refusal);
    }

    private async Task<uint> UidAsync(string caller)
    {
        try
        {
            return await connection.GetUidAsync(caller);
        }
        catch (Exception exception) when (exception is DBusErrorReplyException or TimeoutException)
        {
            throw new ControlException(
                ControlError.AccessDenied,
                $"the bus does not say who {caller} is ({exception.Message}): try again",
                exception);
        }
    }

    private async Task<PolkitAnswer> AskAsync(uint uid, BusCall call, string action)
    {
        int before = waiting.GetValueOrDefault(uid);
        if (before >= MostWaiting)
        {
            string refusal = string.Create(
                CultureInfo.InvariantCulture,
                $"uid {uid} has {before} calls waiting for polkit: answer or end those first");
            throw new BusErrorException(BusErrors.LimitsExceeded, refusal);
        }

        waiting[uid] = before + 1;
        try
        {
            return await polkit.AskAsync(call.Caller, action, call.AllowsInteraction);
        }
        finally
        {
            if (waiting[uid] == 1) waiting.Remove(uid);
            else waiting[uid]--;
        }
    }
}

/// <summary>polkit's answer.</summary>
internal enum PolkitAnswer
{
    /// <summary>The caller may.</summary>
    Authorized,

    /// <summary>The caller may not.</summary>
    Denied,

    /// <summary>The caller could be asked for a password, but did not allow that.</summary>
    NeedsPassword,

    /// <summary>There is no polkit.</summary>
    Absent,
}

/// <summary>
/// Asks polkit who may do what. A question that is given up is taken back, or its password dialogue would stay.
/// </summary>
/// <param name="connection">The bus.</param>
/// <param name="answersWithin">How long polkit may take where it asks nobody for a password.</param>
/// <param name="leaving">Gives up all questions.</param>
internal sealed class Polkit(DBusConnection connection, TimeSpan answersWithin, CancellationToken leaving)
{
    private const string Service = "org.freedesktop.PolicyKit1", Path = "/org/freedesktop/PolicyKit1/Authority";
    private const string Interface = "org.freedesktop.PolicyKit1.Authority", AnswerType = "(bba{ss})";
    private static readonly TimeSpan PeopleAnswerWithin = TimeSpan.FromMinutes(5);

    /// <summary>Asks whether a caller may do something.</summary>
    /// <param name="uniqueName">The caller.</param>
    /// <param name="action">An action of our policy file.</param>
    /// <param name="mayAsk">Whether a person may be asked for a password.</param>
    /// <exception cref="ControlException">
    /// polkit did not answer, or not in a way that can be understood: that permits nothing.
    /// </exception>
    internal async Task<PolkitAnswer> AskAsync(string uniqueName, string action, bool mayAsk)
    {
        string cancellation = Guid.NewGuid().ToString("N");
        Task<PolkitAnswer> answer = connection.CallMethodAsync(
            Question(uniqueName, action, mayAsk, cancellation), static (message, _) => Read(message));
        try
        {
            return await answer.WaitAsync(mayAsk ? PeopleAnswerWithin : answersWithin, leaving);
        }
        catch (DBusErrorReplyException exception) when (IsAbsence(exception.ErrorName))
        {
            return PolkitAnswer.Absent;
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            // A late answer counts for nothing.
            _ = answer.ContinueWith(static late => late.Exception, TaskScheduler.Default);
            connection.TrySendMessage(TakeBack(cancellation));
            throw Unanswered("it did not answer in time", exception);
        }
        catch (Exception exception) when (exception is DBusErrorReplyException or DBusMessageException)
        {
            throw Unanswered(exception.Message, exception);
        }
    }

    /// <summary>Whether an error of the bus says that there is no polkit.</summary>
    private static bool IsAbsence(string errorName) =>
        errorName is BusErrors.ServiceUnknown or BusErrors.NameHasNoOwner or BusErrors.ServiceNotFound;

    private static ControlException Unanswered(string why, Exception exception) => new(
        ControlError.AccessDenied,
        $"polkit could not be asked whether you may ({why}): try again, or use sudo",
        exception);

    private static PolkitAnswer Read(Message message)
    {
        if (message.SignatureAsString != AnswerType)
        {
            throw new DBusMessageException($"it answered '{message.SignatureAsString}' instead of '{AnswerType}'");
        }

        Reader reader = message.GetBodyReader();
        reader.AlignStruct();
        bool isAuthorized = reader.ReadBool(), isChallenge = reader.ReadBool();
        return isAuthorized ? PolkitAnswer.Authorized : isChallenge ? PolkitAnswer.NeedsPassword : PolkitAnswer.Denied;
    }

    private MessageBuffer Question(string uniqueName, string action, bool mayAsk, string cancellation)
    {
        MessageWriter writer = connection.GetMessageWriter();
        writer.WriteMethodCallHeader(Service, Path, Interface, "CheckAuthorization", "(sa{sv})sa{ss}us");
        writer.WriteStructureStart();
        writer.WriteString("system-bus-name");
        writer.WriteDictionary(new Dictionary<string, VariantValue> { ["name"] = uniqueName });
        writer.WriteString(action);
        writer.WriteDictionaryEnd(writer.WriteDictionaryStart()); // details for the dialogue: none
        writer.WriteUInt32(mayAsk ? 1u : 0u);
        writer.WriteString(cancellation);
        MessageBuffer message = writer.CreateMessage();
        writer.Dispose();
        return message;
    }

    private MessageBuffer TakeBack(string cancellation)
    {
        MessageWriter writer = connection.GetMessageWriter();
        writer.WriteMethodCallHeader(
            Service, Path, Interface, "CancelCheckAuthorization", "s", MessageFlags.NoReplyExpected);
        writer.WriteString(cancellation);
        MessageBuffer message = writer.CreateMessage();
        writer.Dispose();
        return message;
    }
}
