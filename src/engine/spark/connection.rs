//! The part of the Spark Connect protocol that is needed: sending a plan, and receiving every row of its result.
//!
//! Apache's own client of data frames uses the same calls, but takes the end of a stream for the end of the rows. A
//! server ends each stream after some minutes, so that longer queries would silently lose rows.

use arrow_array::RecordBatch;
use arrow_ipc::reader::StreamReader;
use spark_connect_core::{
    ChannelBuilder, ExecutePlanResponseReattachableIterator, RetryPolicy, SparkConnectClient, SparkError,
    block_on,
};
use spark_connect_proto as proto;
use spark_connect_proto::command::CommandType;
use spark_connect_proto::execute_plan_response::ResponseType;
use spark_connect_proto::plan::OpType;
use spark_connect_proto::relation::RelType;

/// The result of a call; errors are boxed because Apache's are large.
pub type Answered<T> = Result<T, Box<SparkError>>;

/// A session on a server.
pub struct Connection {
    client: SparkConnectClient,
}

impl Connection {
    /// Creates a session for the server at an address. Nothing is sent yet.
    ///
    /// # Errors
    /// When the address is invalid.
    pub fn new(url: &str) -> Answered<Self> {
        let mut client = block_on(SparkConnectClient::connect(&ChannelBuilder::parse(url)?))?;
        // The caller checks by itself whether the server can be reached.
        client.set_retry_policy(RetryPolicy::no_retries());
        Ok(Self { client })
    }

    /// Sets a configuration value of the session.
    ///
    /// # Errors
    /// Those of the server.
    pub fn set(&self, key: &str, value: &str) -> Answered<()> {
        Ok(block_on(self.client.set_config(key, value))?)
    }

    /// All rows of a relation in batches. There is at least one batch, which may be empty.
    ///
    /// # Errors
    /// Those of the server.
    pub fn rows(&self, relation: proto::Relation) -> Answered<Vec<RecordBatch>> {
        block_on(self.run(OpType::Root(relation)))
    }

    /// Makes a relation known by a name.
    ///
    /// # Errors
    /// Those of the server.
    pub fn name(&self, relation: proto::Relation, name: &str) -> Answered<()> {
        self.command(CommandType::CreateDataframeView(proto::CreateDataFrameViewCommand {
            input: Some(relation),
            name: name.to_owned(),
            is_global: false,
            replace: true,
        }))
    }

    /// Lets the server write the rows of a relation into a folder, as Parquet.
    ///
    /// # Errors
    /// Those of the server.
    pub fn write(&self, relation: proto::Relation, folder: &str, replaces: bool) -> Answered<()> {
        use proto::write_operation::{SaveMode, SaveType};
        let mode = if replaces { SaveMode::Overwrite } else { SaveMode::ErrorIfExists };
        self.command(CommandType::WriteOperation(proto::WriteOperation {
            input: Some(relation),
            source: Some("parquet".to_owned()),
            mode: mode.into(),
            save_type: Some(SaveType::Path(folder.to_owned())),
            ..Default::default()
        }))
    }

    /// Ends the session.
    ///
    /// # Errors
    /// Those of the server.
    pub fn end(&self) -> Answered<()> {
        Ok(block_on(self.client.release_session())?)
    }

    fn command(&self, command: CommandType) -> Answered<()> {
        let command = proto::Command { command_type: Some(command) };
        block_on(self.run(OpType::Command(command))).map(|_| ())
    }

    /// Runs a plan on the server and waits until the server says that it is done.
    async fn run(&self, plan: OpType) -> Answered<Vec<RecordBatch>> {
        let user_id = self.client.user_id().unwrap_or_default().to_owned();
        let work = ExecutePlanResponseReattachableIterator::new(proto::ExecutePlanRequest {
            session_id: self.client.session_id().to_owned(),
            user_context: Some(proto::UserContext { user_id, ..Default::default() }),
            plan: Some(proto::Plan { op_type: Some(plan) }),
            ..Default::default()
        });
        let mut stream = self.client.execute_plan(work.request().clone()).await?;
        let mut batches = Vec::new();
        while !work.is_completed().await {
            let Some(response) = stream.message().await.map_err(SparkError::from_grpc_status)? else {
                stream = self.client.reattach_execute(work.create_reattach_request().await).await?;
                continue;
            };
            work.set_last_response_id(&response).await;
            if let Some(ResponseType::ArrowBatch(batch)) = response.response_type {
                batches.extend(decoded(&batch.data)?);
            }
        }
        // The server keeps the result until it hears this. If it does not, that is no failure here.
        let _ = self.client.release_execute(work.create_release_request(true).await).await;
        Ok(batches)
    }
}

/// The rows of an SQL statement.
pub fn sql(text: &str) -> proto::Relation {
    relation(RelType::Sql(proto::Sql { query: text.to_owned(), ..Default::default() }))
}

/// The rows of the Parquet files in a folder. If the columns are given, the server need not look for them.
pub fn files(folder: &str, columns: Option<String>) -> proto::Relation {
    let source = proto::read::DataSource {
        format: Some("parquet".to_owned()),
        schema: columns,
        paths: vec![folder.to_owned()],
        ..Default::default()
    };
    let read_type = Some(proto::read::ReadType::DataSource(source));
    relation(RelType::Read(proto::Read { read_type, ..Default::default() }))
}

fn relation(kind: RelType) -> proto::Relation {
    proto::Relation { rel_type: Some(kind), ..Default::default() }
}

/// Decodes a batch, which is sent as an Arrow stream.
fn decoded(bytes: &[u8]) -> Answered<Vec<RecordBatch>> {
    let broken = |error: &dyn std::fmt::Display| Box::new(SparkError::connect_msg(error.to_string()));
    let reader = StreamReader::try_new(bytes, None).map_err(|error| broken(&error))?;
    reader.map(|batch| batch.map_err(|error| broken(&error))).collect()
}
